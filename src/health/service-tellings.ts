// News of real servers and services -> what is to be told of them, in the words and the order of
// keepalived 2.2.7: the script, the line for the FIFOs, the mail. Pure.
import type { CommandAs } from '../config/command.js';
import type { Telling } from '../config/telling.js';
import { causeText, serverMail, serviceMail, stateWord } from './service-mail.js';
import { endpointText, type ServiceNews, serviceText, sumText } from './service-news.js';

export type TellingChoices = {
  readonly routerId: string;
  /** Without no_checker_emails: also of checkers whose server stays as it is. */
  readonly mailsEachChecker: boolean;
};

export function tellingsOf(news: ServiceNews, choices: TellingChoices): readonly Telling[] {
  switch (news.type) {
    case 'server_changed':
      return serverChanged(news, choices);
    case 'checker_changed':
      return checkerChanged(news, choices);
    case 'quorum_changed':
      return quorumChanged(news, choices);
    case 'weight_changed':
    case 'server_damped':
      return [];
  }
}

function serverChanged(
  { service, server, isUp, cause, mailReason }: ServiceNews & { type: 'server_changed' },
  { routerId }: TellingChoices,
): readonly Telling[] {
  const { notifyUp, notifyDown, sendsMails } = server.notification;
  const name = endpointText(server.endpoint, service);
  const where = serviceText(service);
  const text = causeText(cause, isUp, mailReason);
  const mail = serverMail({ routerId, service: where }, name, isUp, text);
  return [
    ...run(isUp ? notifyUp : notifyDown),
    line(`RS ${name} ${where} ${stateWord(isUp)}`),
    // keepalived is gone before it could send one of its end.
    ...(sendsMails && cause !== 'stop' ? [mail] : []),
  ];
}

function checkerChanged(
  news: ServiceNews & { type: 'checker_changed' },
  { routerId, mailsEachChecker }: TellingChoices,
): readonly Telling[] {
  const { service, server, isUp, cause, hasSucceeded, mailReason } = news;
  if (!mailsEachChecker || !server.notification.sendsMails) return [];
  const name = endpointText(server.endpoint, service);
  const names = { routerId, service: serviceText(service) };
  return [serverMail(names, name, isUp, causeText(cause, hasSucceeded, mailReason))];
}

function quorumChanged(
  news: ServiceNews & { type: 'quorum_changed' },
  { routerId }: TellingChoices,
): readonly Telling[] {
  const { service, hasQuorum, isFirst, cause } = news;
  // A service that starts without its quorum has lost nothing.
  if (isFirst && !hasQuorum) return [];
  const { quorumUp, quorumDown, sendsMails } = service.notification;
  const where = serviceText(service);
  const sum = sumText(news);
  const text = isFirst ? sum.replace('Gained quorum', 'Starting with quorum up') : sum;
  const mail = serviceMail({ routerId, service: where }, hasQuorum, text);
  return [
    ...run(hasQuorum ? quorumUp : quorumDown),
    line(`VS ${where} ${stateWord(hasQuorum)}`),
    ...(sendsMails && cause !== 'stop' ? [mail] : []),
  ];
}

function line(text: string): Telling {
  return { type: 'write_line', about: 'services', line: text };
}

function run(script: CommandAs | null): readonly Telling[] {
  return script === null ? [] : [{ type: 'run_script', script, extra: [] }];
}
