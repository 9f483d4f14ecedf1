/** The style sheet of all pages. Pages contain it, so that they also work from disk. */
export const style = `
:root{color-scheme:light dark;--page:#f6f6f4;--surface:#ffffff;--sunken:#f0f0ed;--line:#e0e0db;--ink:#1d1f23;--ink-soft:#565b64;
--accent:#2450b8;--passed:#23794d;--passed-fill:#4aa777;--passed-wash:#e3f3ea;--failed:#b3261e;--failed-fill:#d6453d;--failed-wash:#fcebe9;
--blocked:#8a5300;--blocked-fill:#e0a13c;--blocked-wash:#fcf1dd;--known:#35607c;--known-fill:#7fa6c0;--skipped:#5d626b;--skipped-fill:#c9ccd1;
--skipped-wash:#eeeff1;--mono:ui-monospace,"SF Mono",SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;
--font:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
@media (prefers-color-scheme:dark){:root{--page:#14161a;--surface:#1c1f24;--sunken:#24282f;--line:#30353d;--ink:#e8e9eb;--ink-soft:#a9afb9;
--accent:#9dbaff;--passed:#7bd3a3;--passed-fill:#3f9a6c;--passed-wash:#17301f;--failed:#ff9c93;--failed-fill:#d9534b;--failed-wash:#3b1d1b;
--blocked:#f0bd6a;--blocked-fill:#c98a27;--blocked-wash:#33270f;--known:#a5c8de;--known-fill:#5b88a5;--skipped:#aeb4bd;--skipped-fill:#565d68;
--skipped-wash:#262a30}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 var(--font)}
header,main,footer{max-width:1180px;margin:0 auto;padding:0 24px}
header{display:flex;flex-wrap:wrap;gap:4px 24px;align-items:baseline;padding-top:18px;padding-bottom:14px;border-bottom:1px solid var(--line)}
header .brand{font-weight:650;color:inherit;text-decoration:none}
nav{display:flex;gap:18px}
nav a[aria-current]{color:inherit;font-weight:600;text-decoration:none}
a{color:var(--accent);text-underline-offset:2px}
a:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}
h1{font-size:26px;line-height:1.25;margin:28px 0 6px;overflow-wrap:anywhere}
h2{font-size:18px;margin:36px 0 10px}
.title{font-weight:600;font-size:13.5px;margin:12px 0 4px}
p{margin:6px 0}
.lead{font-size:17px;max-width:72ch;overflow-wrap:anywhere}
.faint,.meta{color:var(--ink-soft)}
.meta{font-size:13px}
.path{margin:20px 0 -20px}
.button{display:inline-block;padding:6px 14px;border:1px solid var(--accent);border-radius:6px;text-decoration:none;font-weight:600;margin:8px 4px 8px 0}
bdi,td,dd,li,code{overflow-wrap:anywhere}
code{font:12.5px/1.5 var(--mono)}
.snippet{display:block;background:var(--surface);border:1px solid var(--line);border-radius:6px;padding:8px 12px;margin:6px 0}
.pill{display:inline-block;padding:1px 9px;border-radius:999px;font-size:13px;font-weight:600;border:1px solid currentColor;white-space:nowrap}
.good{color:var(--passed)}.caution{color:var(--blocked)}.bad{color:var(--failed)}.unknown{color:var(--skipped)}
.pill.good{background:var(--passed-wash)}.pill.caution{background:var(--blocked-wash)}.pill.bad{background:var(--failed-wash)}.pill.unknown{background:var(--skipped-wash)}
table{width:100%;border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums}
th{text-align:left;font-weight:600;font-size:12.5px;color:var(--ink-soft);padding:6px 9px;border-bottom:1px solid var(--line);vertical-align:bottom}
td,th[scope=row]{padding:10px 9px;border-bottom:1px solid var(--line);vertical-align:top}
th[scope=row]{color:inherit;font-size:14px}
td:first-child,th:first-child{padding-left:0}
td small,th small{display:block;color:var(--ink-soft);font-size:12.5px;font-weight:400}
.sheet{background:var(--surface);border:1px solid var(--line);border-radius:6px;padding:4px 16px;margin:14px 0}
.sheet tbody tr:last-child>*{border-bottom:0}
.tight td,.tight th[scope=row]{padding-top:5px;padding-bottom:5px}
.name{min-width:14ch}
.nowrap{white-space:nowrap}
.version{display:inline-block;min-width:6ch;max-width:12ch}
table.wide th[scope=row]{min-width:150px}

.bar{display:block;width:120px;height:8px;margin-top:6px}
.bar .held{fill:var(--passed-fill)}.bar .violated{fill:var(--failed-fill)}.bar .unproven{fill:var(--blocked-fill)}.bar .accepted{fill:var(--known-fill)}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:4px 20px;margin:10px 0}
.facts dt{color:var(--ink-soft)}.facts dd{margin:0}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:20px}
.panel{background:var(--surface);border:1px solid var(--line);border-radius:8px;padding:14px}
.trend{display:block;width:100%;height:auto}
.trend text{font:12px var(--font);fill:var(--ink)}
.trend .heading{font-weight:600;font-size:13px}.trend .axis,.trend .faint{fill:var(--ink-soft)}.trend .axis{font-size:11px}
.trend .end{font-weight:600}
.grid{stroke:var(--line);stroke-width:1}
.reached{fill:none;stroke:var(--passed);stroke-width:2;stroke-linejoin:round}
.possible{fill:none;stroke:var(--known-fill);stroke-width:1.5;stroke-dasharray:4 3}
.mark{fill:var(--passed);stroke:var(--surface);stroke-width:1.5}.mark.short{fill:var(--failed)}
.basis line{stroke:var(--ink-soft);stroke-width:1;stroke-dasharray:1 3}
svg.spark{display:block;margin-top:2px}
.badges{display:flex;flex-wrap:wrap;gap:8px;align-items:center;margin:8px 0}
.badges svg{display:block}
ul{margin:6px 0;padding-left:20px}
ul.cases{list-style:none;padding:0;margin:4px 0 10px}
ul.cases li{padding:2px 0}
details>summary{cursor:pointer;color:var(--accent);width:max-content;max-width:100%}
.news{list-style:none;padding:0;margin:0}
.news>li{padding:14px 0;border-bottom:1px solid var(--line)}
.news>li>div:first-child{display:flex;flex-wrap:wrap;gap:4px 12px;align-items:baseline}
.news time{min-width:150px}
.basis-note{color:var(--blocked)}
.legend{display:grid;grid-template-columns:max-content 1fr;gap:8px 16px;margin:0;align-items:center}
.legend dd{margin:0;color:var(--ink-soft)}
footer{margin-top:48px;padding-top:14px;padding-bottom:32px;border-top:1px solid var(--line);color:var(--ink-soft);font-size:13px}
td .pill{white-space:normal;overflow-wrap:normal;border-radius:12px}
table.wide th[scope=row]{max-width:300px}
@media (max-width:900px){
header,main,footer{padding-left:16px;padding-right:16px}
.pair{grid-template-columns:1fr}
table.wide,table.wide tbody,table.wide tr,table.wide td,table.wide th[scope=row]{display:block}
table.wide thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table.wide tr{border-bottom:1px solid var(--line);padding:12px 0}
table.wide td,table.wide th[scope=row]{border:0;padding:3px 0}
table.wide td[data-label]{display:grid;grid-template-columns:104px 1fr}
table.wide td[data-label]::before{content:attr(data-label);color:var(--ink-soft);font-size:13px}
.legend,.facts{grid-template-columns:1fr}.facts dt{margin-top:6px}
.news time{min-width:0}
h1{font-size:22px}
}
@media print{
:root{color-scheme:light;--page:#fff;--surface:#fff;--line:#bbb;--ink:#000;--ink-soft:#444;--accent:#000;--passed:#23794d;--failed:#b3261e;--blocked:#8a5300;--skipped:#5d626b}
header nav,.no-print{display:none}
main,header,footer{max-width:none}
.sheet{border:0;padding:0}
tr,.panel,.news>li{break-inside:avoid}
details::details-content{content-visibility:visible;block-size:auto}
.pill{print-color-adjust:exact}.bar,.trend{print-color-adjust:exact}
}
`;
