// dpvs.conf files that exist only in a test.
import { formatDiagnostic } from '../../../src/config/diagnostic.js';
import { type DpvsConfRead, readDpvsConf } from '../../../src/config/dpvs-conf/read.js';
import { loadSettings, memoryFiles } from '../text.js';

const path = '/etc/dpvs.conf';

export function dpvsConfOf(
  text: string,
  others: Readonly<Record<string, string>> = {},
): DpvsConfRead {
  return readDpvsConf(path, memoryFiles({ [path]: text, ...others }), loadSettings)._unsafeUnwrap();
}

/** Without the path; by severity when one is given. */
export function dpvsComplaints({ diagnostics }: DpvsConfRead, severity?: string): string[] {
  return diagnostics
    .filter((one) => severity === undefined || one.severity === severity)
    .map((one) => formatDiagnostic(one).slice(path.length + 1));
}
