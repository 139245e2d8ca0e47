// Every health checker that a real_server may have, any number of each.
import { httpGetTable, sslGetTable } from './checker-http-table.js';
import { bfdCheckTable, fileCheckTable, miscCheckTable } from './checker-local-table.js';
import {
  dnsCheckTable,
  pingCheckTable,
  smtpCheckTable,
  udpCheckTable,
} from './checker-message-table.js';
import { tcpCheckTable } from './checker-table.js';
import { block } from './keywords.js';

const all = { repeats: 'all' } as const;

export const checkerTable = {
  TCP_CHECK: block('The server is up while it accepts TCP connections.', tcpCheckTable, all),
  HTTP_GET: block('The server is up while it serves the pages.', httpGetTable, all),
  SSL_GET: block('The server is up while it serves the pages over TLS.', sslGetTable, all),
  DNS_CHECK: block('The server is up while it answers a DNS question.', dnsCheckTable, all),
  UDP_CHECK: block('The server is up while its UDP port is not refused.', udpCheckTable, all),
  PING_CHECK: block('The server is up while it answers ICMP echo.', pingCheckTable, all),
  FILE_CHECK: block('The weight of the server follows a file.', fileCheckTable, all),
  SMTP_CHECK: block('The server is up while it greets as a mail server.', smtpCheckTable, all),
  MISC_CHECK: block('The server is up while a program says so.', miscCheckTable, all),
  BFD_CHECK: block('The server is up while a BFD session is.', bfdCheckTable, all),
};

export type CheckerName = keyof typeof checkerTable;
