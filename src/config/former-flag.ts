// Keywords that keepalived 2.2 has as flags, whatever stands behind them, and later versions as
// [on|off]. We take the later meaning and say where the two part.
import { caselessChoice, onOff, type Phrase } from './phrases.js';

const truth = caselessChoice('on', 'true', 'yes', 'off', 'false', 'no');

export const formerFlag: Phrase<boolean> = {
  ...onOff,
  read: (words) => {
    const word = words.take();
    if (word === undefined) return true;
    const isOn = ['on', 'true', 'yes'].includes(truth.parse(word.text) ?? 'on');
    const { text } = words.subject;
    if (truth.parse(word.text) === undefined) {
      const message = `"${word.text}" after ${text} is neither on nor off; it counts as on`;
      words.report.notice('config.bad_argument', word.position, message);
    } else if (!isOn) {
      const message = `${text} is off here; keepalived 2.2 turns it on whatever follows`;
      words.report.notice('config.changed_meaning', word.position, message);
    }
    return isOn;
  },
};
