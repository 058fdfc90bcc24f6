import { builder } from '../builder.js';
import { Server } from '../types/server.js';
import { Viewer } from '../types/viewer.js';

builder.queryField('viewer', (t) => t.field({ type: Viewer, description: 'Who asks.', resolve: (_root, _args, { request }) => request.viewer }));

builder.queryField('server', (t) => t.field({ type: Server, description: 'What this server is and allows.', resolve: (_root, _args, { request }) => request.gateway }));
