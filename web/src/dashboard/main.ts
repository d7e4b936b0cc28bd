import { Dashboard } from './dashboard';

new Dashboard(document.getElementById('dashboard')!).start();
