/** The report of a run: one page that a person would rather look at than read the tables. */
export { createReportCollector, type ReportCollector } from './collector.ts';
export { renderReport } from './render.ts';
export type { Answer, ReportData } from './model.ts';
