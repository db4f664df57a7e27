import { startTestApp } from '../../support/test-app.ts';
import { describeLibrary } from './library-suite.ts';

describeLibrary('what a person keeps, in the embedded store', startTestApp);
