import { jest } from '@jest/globals';
import './access-tokens.js';
import './mail-in.js';
import './mailbox-faults.js';
import './replies.js';
import './replies-with-files.js';

// One file: the services of all these tests would be members of the same consumer groups, and take each other's requests.
jest.setTimeout(240_000);
