export const english = `# How a packet finds its way

A router does **one** thing: it looks at the destination and picks the *most specific* route. That is all — the rest is
bookkeeping, as [RFC 4632](https://www.rfc-editor.org/rfc/rfc4632) says. Use \`ip route get\` to ask it.

## What happens on the way

1. The host checks whether the address is local.
2. If not, the frame goes to the **gateway**:
   - the ARP cache gives the hardware address;
   - a miss costs one broadcast.
3. Every hop repeats the same question.

> Routing is a lookup, not a decision.
>
> It stays fast because the table is a *tree*.

### Prefixes side by side

| Prefix | Hosts | Typical use | Cost |
|:--|--:|:--|:-:|
| /24 | 254 | an office network | low |
| /20 | 4,094 | a campus | medium |
| /16 | 65,534 | a data centre | ~~high~~ none |

\`\`\`ts
/** Longest prefix first. */
export function routeFor(address: number, table: readonly Route[]): Route | undefined {
  const matches = table.filter((route) => (address & route.mask) === route.network);
  return matches.sort((a, b) => b.length - a.length)[0]; // undefined: no route
}
const limit = 0x7f_00_00_01;
console.log(\`routed \${limit}\`, true, null);
\`\`\`

- [x] Draw the table
- [ ] Measure the lookups
- [ ] Write it down

---

A picture from elsewhere is not loaded: ![the map](https://example.org/map.png). Plain address: https://example.com/a. A trick: [your bank](https://evil.example/login), and hidden‮text, and <b>raw HTML</b>.
`;

export const persian = `# مسیریابی بسته‌ها در شبکه

روتر فقط **یک** کار می‌کند: مقصد را می‌بیند و *دقیق‌ترین* مسیر را برمی‌گزیند. برای پرسیدن از آن، دستور \`ip route get\` را اجرا کنید؛ شرح کامل در [RFC 4632](https://www.rfc-editor.org/rfc/rfc4632) آمده است.

## گام‌های کار

1. میزبان بررسی می‌کند که آیا نشانی محلی است.
2. اگر نبود، فریم به **دروازه** می‌رود:
   - حافظهٔ ARP نشانی سخت‌افزاری را می‌دهد؛
   - نبودنش یک پیام همگانی هزینه دارد.
3. This item is in English inside a Persian list.

> مسیریابی جست‌وجو است، نه تصمیم.

| پیشوند | میزبان‌ها | کاربرد |
|:--|--:|:--|
| /24 | ۲۵۴ | شبکهٔ یک دفتر |
| /16 | ۶۵٬۵۳۴ | مرکز داده |

\`\`\`python
def greet(name: str) -> str:
    # سلام کردن به یک نفر
    return f"سلام {name}"
\`\`\`

- [x] کشیدن جدول
- [ ] اندازه‌گیری زمان
`;
