// The communities that have a name of their own (RFC 1997, 7999, 8326, 9494), by the words of the
// configuration.
export const wellKnownCommunities: ReadonlyMap<string, number> = new Map([
  ['no-export', 0xffff_ff01],
  ['no-advertise', 0xffff_ff02],
  ['no-export-subconfed', 0xffff_ff03],
  ['graceful-shutdown', 0xffff_0000],
  ['blackhole', 0xffff_029a],
  ['no-llgr', 0xffff_0007],
]);
