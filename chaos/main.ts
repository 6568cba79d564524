// `npm run chaos [-- name …]`: faults on real processes. Each writes .phanhoi/reports/chaos-<name>.json; exit 1 when a bar falls short.
import { runReports } from '../bench/harness/run-reports.js';
import { f23Calls } from './faults/call-history.js';
import { f23Spool } from './faults/drained-spool.js';
import { f15Attachments, f15Spool } from './faults/full-disk.js';
import { f22 } from './faults/hammered-tickets.js';
import { killAnything } from './faults/kill-anything.js';
import { f1, f1Networks, f2, f3 } from './faults/kill-services.js';
import { f13Mailbox, f13Network } from './faults/mail-mailbox.js';
import { everyChannel } from './faults/every-channel.js';
import { f14 } from './faults/mail-replies.js';
import { f14Networks } from './faults/network-replies.js';
import { f23Mailbox } from './faults/mail-storm.js';
import { f21 } from './faults/lost-answers.js';
import { f4, f4Networks, f5, f6, f7 } from './faults/outages.js';
import { f9, f10 } from './faults/poison.js';
import { f11 } from './faults/rebalance-storm.js';
import { f17 } from './faults/quarantine-away.js';
import { f12 } from './faults/repeated-webhooks.js';
import { f16 } from './faults/rolling-restart.js';
import { f8 } from './faults/slow-database.js';

process.exitCode = await runReports('chaos', process.argv.slice(2), {
  f1,
  'f1-networks': f1Networks,
  f2,
  f3,
  f4,
  'f4-networks': f4Networks,
  f5,
  f6,
  f7,
  f8,
  f9,
  f10,
  f11,
  f12,
  'f13-mailbox': f13Mailbox,
  'f13-network': f13Network,
  f14,
  'f14-networks': f14Networks,
  'f15-attachments': f15Attachments,
  'f15-spool': f15Spool,
  f16,
  f17,
  f21,
  f22,
  'f23-mailbox': f23Mailbox,
  'f23-calls': f23Calls,
  'f23-spool': f23Spool,
  kills: killAnything,
  'every-channel': everyChannel,
});
