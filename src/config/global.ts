// global_defs.

export type GlobalConfig = {
  /** Name of this node in mails and status; the host name when the file gives none. */
  readonly routerId: string;
};
