import t from 'tap';
import { failedIn, firstRound, type Round, succeededIn } from '../../../src/health/http/round.js';

/** Page by page: "s" succeeds, "f" fails. What was asked for, and "!" where the check is over. */
function story(outcomes: string, pages: number, isUp: boolean | null): string {
  let round: Round = firstRound;
  let told = '';
  for (const outcome of outcomes) {
    told += `${round.next}`;
    if (outcome === 'f') {
      round = failedIn(round);
      continue;
    }
    const step = succeededIn(round, pages, isUp);
    if (step.isOver) told += '!';
    round = step.round;
  }
  return told;
}

t.test('one page after the other, and again', (t) => {
  t.equal(story('ssssss', 3, true), '012!012!');
  t.equal(story('sss', 1, true), '0!0!0!');
  t.end();
});

t.test('a page that fails is asked alone; while the server is up the rest follows', (t) => {
  t.equal(story('sffsss', 3, true), '01112!0');
  t.equal(story('sffsss', 3, null), '01112!0');
  t.end();
});

t.test('a server that was down serves all pages again', (t) => {
  t.equal(story('fffssss', 3, false), '0000012!');
  t.equal(story('sffssss', 3, false), '0111012!');
  t.equal(story('sfsfss', 2, false), '011000');
  t.equal(story('ffs', 1, false), '000!');
  t.end();
});
