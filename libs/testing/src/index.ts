export { aFeedback, aReplyDelivery, aReplyRequested, testConversationSecret } from './feedback.builder.js';
export { testBrokers, testImapUrl, testPostgresUrl, testSmtpUrl } from './infrastructure.js';
export { type AnswersToDrop, TcpProxy, type TcpProxyOptions } from './tcp-proxy.js';
export { dropTestDatabase, type TestDatabase, type TestDatabaseOptions, testDatabase } from './test-database.js';
export { uniqueName } from './unique-name.js';
export { type WaitOptions, waitFor } from './wait-for.js';
export { SmsGatewaySimulator, type SmsGatewaySimulatorOptions } from './sms-gateway-simulator.js';
export { TwilioSimulator, type TwilioSimulatorOptions } from './twilio-simulator.js';
