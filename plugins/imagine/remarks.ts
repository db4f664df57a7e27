/** The words, so that the conversation and its search know what was painted, and what a person should know about them; Markdown. */
export function remarksOn({ prompt, dropped }: { readonly prompt: string; readonly dropped: number }): string {
  const remarks = prompt === '' ? [] : [`> ${prompt.replaceAll(/\s+/g, ' ')}`];
  if (dropped > 0)
    remarks.push(`The model hears 75 tokens of a text; the last ${dropped} were left out. Shorter words get you more of what you want.`);
  const letters = prompt.match(/\p{L}/gu)?.length ?? 0;
  const latin = prompt.match(/\p{Script=Latin}/gu)?.length ?? 0;
  if (letters > 0 && latin < letters / 2) remarks.push(foreign(prompt));
  return remarks.join('\n\n');
}

function foreign(prompt: string): string {
  const english = 'The models for pictures know English best; try the same words in English.';
  if (/[\u0622\u067e\u0686\u0698\u06a9\u06af\u06cc]/.test(prompt))
    return `${english}\n\nمدل‌های تصویر انگلیسی را بهتر می‌فهمند؛ همین را به انگلیسی بنویسید.`;
  if (/\p{Script=Arabic}/u.test(prompt)) return `${english}\n\nنماذج الصور تفهم الإنجليزية أكثر من غيرها؛ جرّب الكلمات نفسها بالإنجليزية.`;
  return english;
}
