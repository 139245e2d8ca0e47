// Configurations of tests in which nobody is told of anything.
import type { GlobalNotification, VrrpNotification } from '../../src/config/notification.js';

export const silentNotification: VrrpNotification = {
  scripts: {
    any: null,
    master: null,
    backup: null,
    fault: null,
    stop: null,
    deleted: null,
    masterHeardLowerPriority: null,
  },
  sendsMails: false,
  tellsPriorities: false,
};

export const silentGlobals: GlobalNotification = {
  scripts: { isSecure: false, owner: null },
  fifos: [],
  tellsStatesOnReload: false,
  mail: null,
  mailsEachChecker: true,
};
