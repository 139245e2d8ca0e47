// The keywords that health checkers share, and what virtual_server and real_server set for the
// checkers inside them.
import { hostAddress } from './host-address.js';
import { obsolete, setting } from './keywords.js';
import { integer, interfaceName, onOff, seconds } from './phrases.js';

const countMax = 4_294_967_295;
/** Ten digits; keepalived takes some more. */
const delayMaxS = 9_999_999_999;
const interval = seconds(0.000001, delayMaxS);
const pause = seconds(0, delayMaxS);

const delays = {
  delay_before_retry: setting('Time between a failed attempt and the next one.', pause, {
    defaultText: '1; 3 for HTTP_GET and SSL_GET, delay_loop for DNS_CHECK',
  }),
  delay_loop: setting('Time between the end of a check and the next one.', interval, {
    defaultText: '60, or that of the block around',
  }),
  warmup: setting('The first check comes 1 s after the start and a random part of this.', pause, {
    defaultText: 'delay_loop',
  }),
};

const connectTimeout = setting(
  'How long an attempt to connect, or to get an answer, may take.',
  seconds(0.000001, 4294.967295),
  { defaultText: '5, or that of the block around' },
);

const retries = 'How often a failed check is repeated before the server is down.';
const retryDefault = { defaultText: '1; 3 for DNS_CHECK, 0 for MISC_CHECK' };
const retry = setting(retries, integer(0, countMax), retryDefault);

/** What virtual_server and real_server set for the checkers inside as well. */
export const outerCheckTable = {
  connect_timeout: connectTimeout,
  retry: setting(retries, integer(1, countMax), retryDefault),
  ...delays,
};

export const checkTable = {
  connect_timeout: connectTimeout,
  retry,
  ...delays,
};

/** Of every checker, whether it connects or not. */
export const verdictTable = {
  alpha: setting('The server is down until this check has succeeded.', onOff, {
    defaultText: 'as alpha of the real_server',
  }),
  log_all_failures: setting('Log every failed attempt, not only what comes of them.', onOff, {
    defaultText: 'as checker_log_all_failures',
  }),
};

/** Of every checker that connects. */
export const connectionTable = {
  connect_ip: setting('Address to check.', hostAddress, { defaultText: 'that of the real_server' }),
  connect_port: setting('Port to check.', integer(1, 65_535), {
    defaultText: 'that of the real_server',
  }),
  bindto: setting('Source address of the check.', hostAddress, {
    defaultText: 'as the kernel chooses',
  }),
  bind_port: setting('Source port of the check.', integer(1, 65_535), {
    defaultText: 'as the kernel chooses',
  }),
  bind_if: setting('Interface that the check leaves by.', interfaceName),
  fwmark: setting('Mark that the kernel routes packets of the check by.', integer(0, countMax), {
    fallback: 0,
  }),
  ...checkTable,
  ...verdictTable,
};

/** The name that versions before 2.0 have. */
export const tcpCheckTable = { ...connectionTable, nb_sock_retry: obsolete(retry, 'retry') };

/** What HTTP_GET and SSL_GET have instead, and 2.2 still takes with a complaint. */
export const formerRetry = { nb_get_retry: obsolete(retry, 'retry') };
