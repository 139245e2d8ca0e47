import t from 'tap';
import { sentText } from '../../src/daemon/sent-text.js';
import { ipAddress } from '../../src/net/address.js';
import { communitiesOf } from '../../src/routing/bgp/communities.js';

t.test('attributes as an operator reads them', (t) => {
  const plain = {
    asPath: [],
    nextHop: ipAddress('192.0.2.1'),
    linkLocalNextHop: null,
    med: null,
    localPreference: null,
    communities: [],
    largeCommunities: [],
    extendedCommunities: [],
  };
  t.equal(sentText(plain), 'via 192.0.2.1, AS path empty');
  const words = communitiesOf({
    communities: ['65001:100', 'graceful-shutdown'],
    largeCommunities: ['65001:1:2'],
    extendedCommunities: ['rt:70000:5', 'bandwidth:65001:125000000'],
  })._unsafeUnwrap();
  const full = {
    ...words,
    asPath: [65001, 65001],
    nextHop: ipAddress('2001:db8::1'),
    linkLocalNextHop: ipAddress('fe80::1'),
    med: 0,
    localPreference: 100,
  };
  t.equal(
    sentText(full),
    'via 2001:db8::1 and fe80::1, AS path 65001 65001, MED 0, local preference 100, ' +
      'community 65001:100 graceful-shutdown, large community 65001:1:2, ' +
      'extended community rt:70000:5 bandwidth:65001:125000000',
  );
  t.end();
});
