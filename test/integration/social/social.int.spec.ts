import { jest } from '@jest/globals';
import './durability.js';
import './killed.js';
import './line.js';
import './meta-in.js';
import './meta-out.js';
import './missed.js';
import './once.js';
import './telegram-in.js';
import './telegram-out.js';
import './zalo-in.js';
import './zalo-out.js';
import './files-out.js';

// One file: the services of these tests would be members of the same consumer groups, and take each other's requests.
jest.setTimeout(120_000);
