// Who listens where: TCP port 179 of an address can be had once.
import type { Report } from './diagnostic.js';
import type { Root } from './root-table.js';

export function checkBgpListeners(root: Root, report: Report): void {
  const listening: { readonly name: string; readonly place: string }[] = [];
  for (const { value } of root.all('bgp_instance')) {
    const written = value.settings.found('listen');
    const place = written?.value ?? 'any';
    if (place === 'off') continue;
    const rival = listening.find(
      (one) => one.place === place || one.place === 'any' || place === 'any',
    );
    if (rival !== undefined) {
      const where = place === 'any' || rival.place === 'any' ? 'all addresses' : place;
      const remedy = 'give each a listen ADDRESS of its own, or listen off';
      const names = `bgp_instance ${value.head} and ${rival.name}`;
      const message = `${names} cannot both listen on ${where}; ${remedy}`;
      report.error('config.conflict', written?.position ?? value.subject.position, message);
    }
    listening.push({ name: value.head, place });
  }
}
