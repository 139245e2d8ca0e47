// Keys of auth_hmac in files: nobody but root and those whom root trusts may read them.
import type { HostView } from '../ports/host-view.js';
import type { Report } from './diagnostic.js';
import type { Root } from './root-table.js';

export function checkKeys(root: Root, host: HostView, report: Report): void {
  for (const { value: instance } of root.all('vrrp_instance')) {
    const keys = instance.settings.all('auth_hmac').flatMap(({ value }) => value.all('key'));
    for (const { value: key, position } of keys) {
      if (!key.value.startsWith('file:')) continue;
      const path = key.value.slice('file:'.length);
      if (host.isPrivate(path)) continue;
      const message = `others than its owner may read the key in ${path}; chmod go-rwx it`;
      report.error('config.open_key', position, message);
    }
  }
}
