// Scripts that are told of an event of a service. keepalived takes an empty one for none.
import { type CommandAs, commandAs } from './command.js';
import type { Phrase } from './phrases.js';

export const eventScript: Phrase<CommandAs> = {
  ...commandAs,
  read: (words) => {
    const first = words.peek();
    if (first?.text !== '') return commandAs.read(words);
    words.takeAll();
    const message = `${words.subject.text} is empty; nothing is run`;
    words.report.notice('config.no_effect', first.position, message);
    return undefined;
  },
};
