import { ExportPanel } from './export-panel.tsx';
import { ImportPanel } from './import-panel.tsx';

/** Taking the own data along, and bringing it in. */
export function DataSection() {
  return (
    <div class="account-section">
      <ExportPanel />
      <ImportPanel />
    </div>
  );
}
