import { builder } from '../builder.js';

/** The enum MirrorState: how a mirror stands. */
export const MirrorState = builder.enumType('MirrorState', {
  description: 'How a mirror stands.',
  values: {
    UP_TO_DATE: { description: 'It was given every change.' },
    PENDING: { description: 'Something has happened in the repository since; it is pushed soon where branches or tags have changed.' },
    PUSHING: { description: 'A gateway is at it.' },
    FAILED: { description: 'The last attempt failed; another follows.' },
    SUSPENDED: { description: 'It was restored from a backup, and what is there may be newer: nothing is pushed until `pushMirror` or `setMirror` says so.' },
  },
});
