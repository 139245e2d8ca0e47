// What keepalived takes in silence, and nothing good comes of: keywords without effect, and what a
// service does not do yet that its servers count on.
import { weightMax } from '../net/service.js';
import type { Report } from './diagnostic.js';
import { isNetmask } from './persistence-table.js';
import type { Service } from './service-servers.js';
import type { WrittenVirtualServer } from './virtual-server.js';

const matchKeywords = ['src-range', 'dst-range', 'iif', 'oif'] as const;

export function checkExtras(
  { head, settings, subject }: WrittenVirtualServer,
  report: Report,
): void {
  checkMask(settings, report);
  checkScripts(settings, report);
  checkDpvs(settings, report);
  checkThresholds(settings, report);
  checkWeights(settings, report);
  const given = matchKeywords.filter((keyword) => settings.has(keyword));
  if (head.type === 'match' && given.length === 0) {
    const message = `virtual_server match ${head.name} has none of ${matchKeywords.join(', ')}`;
    report.notice('config.missing_keyword', subject.position, message);
  }
  for (const keyword of head.type === 'match' ? [] : given) {
    const position = settings.found(keyword)?.position ?? subject.position;
    report.notice('config.no_effect', position, `${keyword} is only for virtual_server match`);
  }
}

function checkMask(settings: Service, report: Report): void {
  const found = settings.found('persistence_granularity');
  if (found?.value.type !== 'mask' || isNetmask(found.value.mask)) return;
  const message = `${found.value.mask} has holes; a netmask is ones and then zeros`;
  report.notice('config.bad_argument', found.position, message);
}

/** omega without anything that it would run. */
function checkScripts(settings: Service, report: Report): void {
  const omega = settings.found('omega');
  if (omega === undefined || settings.has('quorum_down')) return;
  if (settings.all('real_server').some(({ value }) => value.settings.has('notify_down'))) return;
  const message = 'nothing comes of omega without quorum_down or notify_down';
  report.notice('config.no_effect', omega.position, message);
}

function checkDpvs(settings: Service, report: Report): void {
  const scheduler = settings.value('lb_algo');
  const useless = (keyword: keyof typeof settings.table & string, needs: string): void => {
    const position = settings.found(keyword)?.position;
    if (position === undefined) return;
    const message = `nothing comes of ${keyword} without ${needs}`;
    report.notice('config.no_effect', position, message);
  };
  if (scheduler !== 'conhash') useless('hash_target', 'lb_algo conhash');
  if (scheduler !== 'mh' && !settings.has('persistence_timeout')) {
    useless('maglev_slots', 'lb_algo mh, or persistence');
  }
  if (settings.value('protocol') !== 'UDP') useless('quic', 'protocol UDP');
  if (!settings.has('lb_kind')) return;
  const methods = new Set([
    settings.value('lb_kind').kind,
    ...settings.all('real_server').map(({ value }) => value.settings.value('lvs_method')?.kind),
  ]);
  if (methods.has('FNAT')) return;
  for (const keyword of ['proxy_protocol', 'client_address', 'client_toa'] as const) {
    useless(keyword, 'lb_kind FNAT');
  }
  if (!methods.has('TUN')) useless('laddr_group_name', 'lb_kind FNAT or TUN');
}

function checkThresholds(settings: Service, report: Report): void {
  for (const { value: server } of settings.all('real_server')) {
    const upper = server.settings.value('uthreshold');
    const lower = server.settings.found('lthreshold');
    if (lower === undefined || lower.value <= upper) continue;
    const message =
      upper === 0
        ? 'nothing comes of lthreshold without uthreshold'
        : `lthreshold ${lower.value} is above uthreshold ${upper}`;
    report.notice('config.no_effect', lower.position, message);
  }
}

function checkWeights(settings: Service, report: Report): void {
  const servers = settings.all('real_server').map(({ value }) => value.settings.found('weight'));
  for (const found of [settings.found('weight'), ...servers]) {
    if (found === undefined || found.value <= weightMax) continue;
    const message = `weight ${found.value} counts as ${weightMax}`;
    report.notice('config.out_of_range', found.position, message);
  }
}
