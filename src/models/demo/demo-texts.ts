import type { DemoLanguage } from './detect-language.ts';

/** What the built-in demo says, in each language. `{quote}` is a short piece of the person's message, `{mime}` the kind of a picture. */
export interface DemoTexts {
  readonly thought: string;
  readonly intro: string;
  readonly quote: string;
  readonly picture: string;
  readonly pictures: string;
  readonly tour: string;
  readonly code: string;
  readonly longTitle: string;
  /** Repeated under numbered headings until the answer is long. */
  readonly longSections: readonly (readonly [title: string, text: string])[];
  readonly outro: string;
}

const codeSample = `\`\`\`ts
/** Splits a text into words, in any script. */
export function words(text: string): string[] {
  const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });
  return [...segmenter.segment(text)].filter((part) => part.isWordLike).map((part) => part.segment);
}

console.log(words('Hello سلام مرحبا')); // [ 'Hello', 'سلام', 'مرحبا' ]
\`\`\`
`;

const en: DemoTexts = {
  thought:
    'The person wrote to the built-in demo. I should say plainly what I am, answer in their language and show what this app can display.',
  intro:
    '## Hello from the built-in demo\n\nI am not an artificial intelligence: these sentences are part of the program, so that you can try everything before you connect a real model. To get real answers, set the environment variable **`GEMINI_API_KEY`** and start the server again.\n\n',
  quote: 'You wrote: “{quote}”\n\n',
  picture: 'Your picture arrived ({mime}). A real model would now look at it.\n\n',
  pictures: 'Your {count} pictures arrived (the first one is {mime}). A real model would now look at them.\n\n',
  tour: `### What you can try here

- **Markdown** as it streams, with *emphasis*, \`code\` and [links](https://ai.google.dev/)
- Stop this answer in the middle, then continue or try again
- Reload the page, or open a second tab: the answer goes on where it was
- Attach a picture, or type \`/help\` for the commands

| You write | You get |
| --- | --- |
| \`long\` | an answer of more than a thousand words |
| \`code\` | a longer example of code |
| a picture | a word that it arrived |

\`\`\`js
const key = process.env.GEMINI_API_KEY;
console.log(key ? 'ready for real answers' : 'this is the demo');
\`\`\`

`,
  code: `### An example of code\n\n${codeSample}\nThe button in the corner of the block copies it.\n\n`,
  longTitle: '### A long answer, to test with\n\n',
  longSections: [
    [
      'Streaming',
      'A long answer arrives word by word, so that you can begin to read before it is finished. The server keeps every word as it comes. If your connection breaks in the middle, the page asks for what it missed and goes on from there, without a gap and without a repeated word. You can watch this happen: reload the page while this text is still growing, and it will continue to grow in front of you.',
    ],
    [
      'Reading comfortably',
      'Good typography is quiet. Lines should be neither too long nor too short, headings should help the eye to find its way, and the text should stay where it is while new words appear below it. If you scroll up to read an earlier paragraph, the page should not pull you down again. Try it with this answer, because it is long enough to scroll in any window.',
    ],
    [
      'Stopping',
      'Sometimes the beginning of an answer already tells you what you wanted to know. Press the stop button and the text so far is kept, marked as stopped. Nothing is thrown away. You can ask for a continuation, or have the whole answer made once more; the earlier version stays reachable as a branch of the conversation.',
    ],
    [
      'Several places at once',
      'Open this conversation in a second tab or on your phone, signed in with the same account. Both places show the same words in the same order. Closing one of them changes nothing for the other, and closing all of them does not stop the answer: it is there, complete, when you come back.',
    ],
    [
      'Writing directions',
      'Some languages are written from right to left. The direction is decided for each paragraph, so an English term inside a Persian sentence stays readable, and a block of code keeps its own direction. Write to me in Persian or in Arabic and I will answer in the same language.',
    ],
  ],
  outro: 'When you are ready for real answers, set `GEMINI_API_KEY` and start the server again.\n',
};

const fa: DemoTexts = {
  thought:
    'کاربر برای نسخهٔ نمایشی پیام فرستاده است. باید روشن بگویم که چه هستم، به زبان خودش پاسخ بدهم و نشان بدهم این برنامه چه چیزهایی را نمایش می‌دهد.',
  intro:
    '## سلام از نسخهٔ نمایشی\n\nمن هوش مصنوعی نیستم؛ این جمله‌ها بخشی از خود برنامه‌اند تا بتوانید پیش از وصل کردن یک مدل واقعی، همه چیز را امتحان کنید. برای گرفتن پاسخ واقعی، متغیر محیطی **`GEMINI_API_KEY`** را تنظیم کنید و سرور را دوباره راه بیندازید.\n\n',
  quote: 'شما نوشتید: «{quote}»\n\n',
  picture: 'تصویر شما رسید ({mime}). یک مدل واقعی حالا آن را بررسی می‌کرد.\n\n',
  pictures: '{count} تصویر شما رسید (نخستین تصویر: {mime}). یک مدل واقعی حالا آن‌ها را بررسی می‌کرد.\n\n',
  tour: `### اینجا چه چیزهایی را می‌توانید امتحان کنید

- **مارک‌داون** که هم‌زمان با رسیدن متن نمایش داده می‌شود، با *تأکید*، \`کد\` و [پیوند](https://ai.google.dev/)
- پاسخ را در میانهٔ راه متوقف کنید، بعد آن را ادامه دهید یا از نو بخواهید
- صفحه را دوباره بارگذاری کنید یا یک زبانهٔ دیگر باز کنید؛ پاسخ از همان‌جا ادامه پیدا می‌کند
- تصویری پیوست کنید، یا برای دیدن فرمان‌ها \`/help\` را بنویسید

| شما می‌نویسید | این را می‌گیرید |
| --- | --- |
| \`طولانی\` | پاسخی با بیش از هزار واژه |
| \`کد\` | نمونهٔ بلندتری از کد |
| یک تصویر | خبر رسیدن آن |

\`\`\`js
const key = process.env.GEMINI_API_KEY;
console.log(key ? 'ready for real answers' : 'this is the demo');
\`\`\`

`,
  code: `### نمونه‌ای از کد\n\n${codeSample}\nبا دکمهٔ گوشهٔ کادر می‌توانید کد را رونوشت بردارید.\n\n`,
  longTitle: '### پاسخی طولانی، برای آزمایش\n\n',
  longSections: [
    [
      'رسیدن تدریجی متن',
      'پاسخ‌های طولانی واژه‌به‌واژه می‌رسند تا بتوانید پیش از پایان یافتنشان خواندن را آغاز کنید. سرور هر واژه را همان لحظه که می‌رسد نگه می‌دارد. اگر اتصال شما در میانهٔ کار قطع شود، صفحه آنچه را از دست داده می‌خواهد و از همان نقطه ادامه می‌دهد؛ نه چیزی جا می‌افتد و نه واژه‌ای تکرار می‌شود. می‌توانید خودتان ببینید: همین حالا که این متن در حال بلندتر شدن است، صفحه را دوباره بارگذاری کنید.',
    ],
    [
      'راحت خواندن',
      'حروف‌چینی خوب بی‌سروصداست. سطرها نباید خیلی بلند یا خیلی کوتاه باشند، عنوان‌ها باید راه را به چشم نشان بدهند و متن باید همان‌جا که هست بماند، حتی وقتی واژه‌های تازه زیر آن ظاهر می‌شوند. اگر برای خواندن بندی پیشین به بالا بروید، صفحه نباید شما را دوباره به پایین بکشد. این پاسخ آن‌قدر بلند است که بتوانید این را در هر پنجره‌ای امتحان کنید.',
    ],
    [
      'متوقف کردن',
      'گاهی همان آغازِ پاسخ آنچه را می‌خواستید به شما می‌گوید. دکمهٔ توقف را بزنید؛ متنی که تا آن لحظه رسیده نگه داشته می‌شود و نشان «متوقف‌شده» می‌گیرد. هیچ چیز دور ریخته نمی‌شود. می‌توانید بخواهید که ادامه پیدا کند، یا کل پاسخ دوباره ساخته شود؛ نسخهٔ پیشین هم به شکل شاخه‌ای از گفت‌وگو در دسترس می‌ماند.',
    ],
    [
      'چند جا هم‌زمان',
      'این گفت‌وگو را در زبانهٔ دوم یا روی گوشی خود با همین حساب باز کنید. هر دو جا همان واژه‌ها را با همان ترتیب نشان می‌دهند. بستن یکی برای دیگری چیزی را عوض نمی‌کند، و بستن همه هم پاسخ را متوقف نمی‌کند: وقتی برگردید، کامل آنجاست.',
    ],
    [
      'جهت نوشتن',
      'برخی زبان‌ها از راست به چپ نوشته می‌شوند. جهت برای هر بند جداگانه تعیین می‌شود؛ بنابراین یک واژهٔ انگلیسی مانند WebSocket در میان جملهٔ فارسی خوانا می‌ماند و هر قطعه کد جهت خودش را نگه می‌دارد. نیم‌فاصله‌ها، نشانه‌ها و شکلک‌ها هم باید سالم به مقصد برسند. به انگلیسی یا عربی بنویسید تا به همان زبان پاسخ بدهم.',
    ],
  ],
  outro: 'هر وقت برای پاسخ‌های واقعی آماده بودید، متغیر `GEMINI_API_KEY` را تنظیم کنید و سرور را دوباره راه بیندازید.\n',
};

const ar: DemoTexts = {
  thought: 'كتب المستخدم إلى النسخة التجريبية. عليّ أن أوضح ما أنا، وأن أجيب بلغته، وأن أعرض ما يستطيع هذا التطبيق إظهاره.',
  intro:
    '## مرحبًا من النسخة التجريبية\n\nلستُ ذكاءً اصطناعيًا؛ فهذه الجمل جزء من البرنامج نفسه، لتتمكن من تجربة كل شيء قبل أن تربط نموذجًا حقيقيًا. للحصول على إجابات حقيقية، اضبط متغير البيئة **`GEMINI_API_KEY`** ثم أعد تشغيل الخادم.\n\n',
  quote: 'كتبتَ: «{quote}»\n\n',
  picture: 'وصلت صورتك ({mime}). لو كان هنا نموذج حقيقي لنظر إليها الآن.\n\n',
  pictures: 'عدد الصور التي وصلت: {count} (الأولى من نوع {mime}). لو كان هنا نموذج حقيقي لنظر إليها الآن.\n\n',
  tour: `### ما الذي يمكنك تجربته هنا

- **ماركداون** يظهر أثناء وصول النص، مع *التشديد* و\`الشيفرة\` و[الروابط](https://ai.google.dev/)
- أوقف هذه الإجابة في منتصفها، ثم أكملها أو اطلبها من جديد
- أعد تحميل الصفحة أو افتح علامة تبويب ثانية؛ ستستمر الإجابة من حيث كانت
- أرفق صورة، أو اكتب \`/help\` لعرض الأوامر

| تكتب | تحصل على |
| --- | --- |
| \`طويل\` | إجابة تزيد على ألف كلمة |
| \`شيفرة\` | مثال أطول من الشيفرة البرمجية |
| صورة | خبر وصولها |

\`\`\`js
const key = process.env.GEMINI_API_KEY;
console.log(key ? 'ready for real answers' : 'this is the demo');
\`\`\`

`,
  code: `### مثال من الشيفرة البرمجية\n\n${codeSample}\nالزر الموجود في زاوية الإطار ينسخ الشيفرة.\n\n`,
  longTitle: '### إجابة طويلة للتجربة\n\n',
  longSections: [
    [
      'وصول النص تدريجيًا',
      'تصل الإجابة الطويلة كلمةً بعد كلمة، لتبدأ القراءة قبل أن تنتهي. ويحفظ الخادم كل كلمة فور وصولها. وإذا انقطع اتصالك في المنتصف، طلبت الصفحة ما فاتها وأكملت من هناك، بلا نقص وبلا تكرار. يمكنك أن ترى ذلك بنفسك: أعد تحميل الصفحة الآن بينما يزداد هذا النص طولًا، وسيستمر أمام عينيك.',
    ],
    [
      'قراءة مريحة',
      'التنسيق الجيد هادئ لا يلفت النظر. ينبغي ألا تكون الأسطر طويلة جدًا ولا قصيرة جدًا، وأن تساعد العناوين العين على معرفة طريقها، وأن يبقى النص في مكانه حين تظهر كلمات جديدة تحته. وإذا صعدت لتقرأ فقرة سابقة فلا ينبغي أن تسحبك الصفحة إلى الأسفل من جديد. جرّب ذلك مع هذه الإجابة، فهي طويلة بما يكفي لأي نافذة.',
    ],
    [
      'الإيقاف',
      'أحيانًا تخبرك بداية الإجابة بما أردت معرفته. اضغط زر الإيقاف فيبقى النص الذي وصل حتى تلك اللحظة، مع علامة تدل على أنه أُوقف. لا يضيع شيء. يمكنك أن تطلب المتابعة، أو أن تُصاغ الإجابة كلها مرة أخرى، وتبقى النسخة السابقة متاحة فرعًا من فروع المحادثة.',
    ],
    [
      'في أكثر من مكان',
      'افتح هذه المحادثة في علامة تبويب ثانية أو على هاتفك بالحساب نفسه. سيعرض المكانان الكلمات نفسها بالترتيب نفسه. إغلاق أحدهما لا يغيّر شيئًا في الآخر، وإغلاقهما معًا لا يوقف الإجابة: ستجدها كاملة حين تعود.',
    ],
    [
      'اتجاه الكتابة',
      'تُكتب بعض اللغات من اليمين إلى اليسار. ويُحدَّد الاتجاه لكل فقرة على حدة، فتبقى كلمة إنجليزية مثل WebSocket واضحة داخل جملة عربية، وتحتفظ كل قطعة من الشيفرة باتجاهها. اكتب إليّ بالإنجليزية أو بالفارسية وسأجيبك باللغة نفسها.',
    ],
  ],
  outro: 'عندما تصبح مستعدًا للإجابات الحقيقية، اضبط `GEMINI_API_KEY` وأعد تشغيل الخادم.\n',
};

export const demoTexts: Readonly<Record<DemoLanguage, DemoTexts>> = { en, fa, ar };
