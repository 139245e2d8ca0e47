// Keywords of virtual_server about the service as a whole: when it has enough real servers, who is
// told, and who answers when it has not.
import { eventScript } from './event-script.js';
import { forwarding } from './forwarding.js';
import { hostEndpoint } from './host-address.js';
import { flag, setting } from './keywords.js';
import { integer } from './phrases.js';

const countMax = 4_294_967_295;

export const quorumTable = {
  quorum: setting('Weight of live real servers that the service needs.', integer(1, countMax), {
    fallback: 1,
  }),
  hysteresis: setting(
    'The quorum is gained at quorum + hysteresis and lost below quorum - hysteresis.',
    integer(0, countMax),
    { fallback: 0 },
  ),
  quorum_up: setting('Run when the quorum is gained.', eventScript, { repeats: 'first' }),
  quorum_down: setting('Run when the quorum is lost.', eventScript, { repeats: 'first' }),
  alpha: flag('Real servers are down until their first successful check.'),
  omega: flag('At the end of the daemon the scripts for "down" run, too.'),
  sorry_server: setting(
    'Server that answers while the quorum is lost; without a port that of the service.',
    hostEndpoint,
  ),
  sorry_server_inhibit: flag(
    'The sorry server stays in the table with weight 0; needs sorry_server before it.',
  ),
  sorry_server_lvs_method: setting(
    'How packets reach the sorry server; needs sorry_server before it.',
    forwarding,
    { defaultText: 'as lb_kind' },
  ),
};
