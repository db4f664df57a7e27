import { startTestApp } from '../../support/test-app.ts';
import { describeDelivery } from './delivery-suite.ts';

describeDelivery('the chat on the embedded store', startTestApp);
