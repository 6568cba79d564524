export * from './channel-accounts.js';
export * from './failpoint.js';
export * from './settings.js';
