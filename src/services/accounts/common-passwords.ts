/**
 * The common passwords of 8 characters and more, kept as words and endings instead of a list of some thousands:
 * `words` x `endings`, whole passwords, and what a finger walks on a keyboard. Drawn from the public lists of
 * the most used passwords (English, Persian and Arabic habits in Latin letters).
 */
const words = new Set(
  `password passwort passw0rd pass passwd passcode secret letmein welcome admin administrator root toor user guest test testing tester login
  master changeme default qwerty qwertz azerty qwer asdf asdfgh asdfghjk zxcvbn zxcvbnm abc abcd abcde abcdef abcdefg abcdefgh abcabc aaa
  iloveyou loveyou iloveu love lovely lover lovers loveme mylove princess prince princesa sunshine superman batman spiderman ironman wonder
  football futbol baseball basketball soccer hockey tennis cricket golf liverpool chelsea arsenal barcelona realmadrid juventus manchester
  united perspolis esteghlal monkey dragon shadow tiger lion eagle falcon panther jaguar dolphin butterfly kitten kitty hellokitty puppy
  michael michelle jennifer jessica jordan robert thomas daniel matthew andrew joshua anthony william charlie george hunter ranger killer
  david john johnny james jackson maria mary sarah sara nicole ashley amanda samantha elizabeth victoria alexander alexandra christian
  christina patricia richard charles joseph carlos miguel antonio francisco alejandro fernando sebastian gabriel rafael martin marina
  mohammad mohammed muhammad mohamed mohamad ahmad ahmed ali alireza amir amirali hossein hussein hassan hasan mahdi mehdi reza maryam
  fatemeh fatima zahra zahraa mina sina arash omid farhad milad saeed masoud hamid hamed javad morteza mostafa mustafa ibrahim khalid
  abdullah omar osama yousef youssef nasrin parisa setareh niloofar golnaz azadeh shirin leila laila iran tehran isfahan shiraz tabriz
  mashhad persian parsian khoda allah bismillah alhamdulillah habibi salam baghdad cairo dubai egypt palestine lebanon syria morocco
  london paris berlin madrid rome moscow istanbul america canada mexico brasil brazil australia germany france england russia india pakistan
  computer internet google gmail yahoo hotmail facebook instagram twitter youtube telegram whatsapp samsung nokia iphone android apple
  microsoft windows linux ubuntu oracle cisco server system network wireless database mysql postgres mongodb mongo docker ubuntu pokemon
  nintendo playstation xbox minecraft fortnite roblox warcraft starcraft counter strike gamer gaming matrix starwars startrek skywalker
  hello helloworld hi goodbye thankyou please trustno1 whatever nothing something anything forever freedom liberty justice peace happy
  smile money dollar diamond gold golden silver platinum crystal angel angels heaven jesus jesuschrist christ church blessed faith grace
  mother father mommy daddy mama papa brother sister family friend friends bestfriend baby babygirl babyboy sexy sexygirl hottie cutie
  sweet sweetie sweety honey sugar candy chocolate cookie cookies banana orange cherry strawberry peanut pepper ginger coffee cheese pizza
  flower flowers rose jasmine daisy lily violet purple yellow green black white blue red pink rainbow summer winter spring autumn january
  february march april june july august september october november december monday tuesday wednesday thursday friday saturday sunday
  mustang ferrari porsche mercedes corvette camaro harley yamaha honda toyota nissan bmw audi lamborghini maverick phoenix thunder
  lightning storm ocean mountain river sunset moonlight starlight midnight galaxy universe planet earth wind fire water ice snow
  metallica slipknot nirvana eminem beatles blink182 linkinpark rockstar guitar music dance dancer piano drummer singer
  school student teacher college university doctor nurse police soldier marine army navy warrior knight ninja samurai pirate wizard
  magic merlin gandalf hobbit harrypotter potter disney mickey minnie donald garfield snoopy scooby simpsons bond007 access database
  temp temporary demo sample example office company business manager support service customer security private public personal
  jarvis argus openai chatgpt gemini chatbot robot machine player player1 dallas austin boston chicago denver texas florida yankees
  lakers cowboys steelers packers raiders eagles patriots redsox bulldog bulldogs tigers lions bears broncos dodgers giants rangers
  buster bailey maggie molly sophie max lucky rocky rusty bandit cooper casper oliver oscar simba toby tucker zeus apollo athena
  fuck fuckyou fuckme fuckoff asshole bitch bitches pussy dick bigdick suck sucker shit bullshit boobs booty naughty playboy hardcore
  qazwsx qaz zaq wsx qweasd qweasdzxc asdqwe asdzxc zxc qwe asd poiuyt lkjhgf mnbvcxz poi lkj mnb 1q2w3e 1q2w3e4r 1qaz 1qaz2wsx q1w2e3 q1w2e3r4
  a1b2c3 a1s2d3 z1x2c3 aa bb cc xx zz qq ww a s d q z x`.split(/\s+/),
);

const endings = new Set(
  ` 0 1 2 3 4 5 6 7 8 9 00 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 33 44 50 55 64 66 69
  77 80 85 86 87 88 89 90 91 92 93 94 95 96 97 98 99 007 100 101 110 111 112 121 123 124 135 143 147 159 212 222 234 246 258 313 321 333 345
  357 369 420 444 456 555 567 654 666 678 696 741 753 777 786 789 852 888 890 911 951 963 987 999 1000 1111 1122 1212 1221 1234 1313 1357
  1379 1380 1385 1390 1395 1400 1401 1402 1403 1404 1405 1414 1515 1900 1980 1985 1990 1991 1992 1993 1994 1995 1996 1997 1998 1999 2000 2001
  2002 2003 2004 2005 2006 2007 2008 2009 2010 2011 2012 2013 2014 2015 2016 2017 2018 2019 2020 2021 2022 2023 2024 2025 2026 2027 2222 2580
  3333 4321 4444 5555 6666 6789 6969 7777 7890 8888 9876 9999 0000 11111 12121 12345 13579 54321 55555 66666 00000 111111 112233 121212 123123
  123321 123456 131313 654321 666666 696969 777777 987654 000000 1234567 7654321 12345678 87654321 123456789 987654321 1234567890
  ! !! !!! !1 ! . @ # $ * ? 1! 12! 123! 1234! 12345! 123456! @1 @12 @123 @1234 @12345 #1 #123 _1 _123 -123 .123 a abc x xx xyz qwe me you man
  boy girl word pass admin love`.split(/\s+/),
);

/** Whole passwords that no word and ending gives. */
const whole = new Set(
  `trustno1 whatever1 iloveyou1 letmein1 welcome1 password1 p@ssw0rd correcthorsebatterystaple correct-horse-battery-staple opensesame
  nopassword mypassword thepassword yourpassword newpassword oldpassword mypass123 ihateyou ilovegod iloveme ilovemom ilovejesus
  loveforever foreverlove fuckyoubitch bigdaddy biteme bluesky blackcat redhead snowball snowman sunflower starfish rockandroll
  michaeljackson cristiano ronaldo cr7ronaldo messi10 neymar11 anaconda arsenal1 asdfasdf qwerqwer zxcvzxcv testtest passpass adminadmin
  rootroot useruser guestguest lovelove abcd1234 abc12345 a1234567 a12345678 a123456789 q1234567 aa123456 aa12345678 123456aa 123456abc
  1234abcd 123abc123 123qwe123 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc zaq12wsx zaq1zaq1 qazwsxedc qazwsxedcrfv qwer1234 asdf1234 zxcv1234
  q1w2e3r4t5 1a2b3c4d 1z2x3c4v 11223344 12344321 12341234 12121212 13131313 10203040 10101010 11111111 147258369 159753 159357 741852963
  789456123 963852741 987456321 135792468 246813579 102030405060 0987654321 0123456789 112233445566 31415926 314159265 27182818 14789632
  04050607 20002000 19841984 changeit changethis changeme1 secret123 supersecret topsecret default1 raspberry letmeinnow administrator1
  welcome123 welcome2 jarvisargus jarvis-argus salam123 salamsalam khodaya dooset daram doostdaram asheghetam eshgham azizam jigaram
  mamanbaba mamanjoon mehraban bahareman yahossein yaali110 yazahra yamahdi allahakbar allahuakbar subhanallah mashallah inshallah
  bismillah786 habibi123 ahlawsahlan`.split(/\s+/),
);

const walks = [
  '1234567890',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qazwsxedcrfvtgbyhnujm',
  '1qaz2wsx3edc4rfv',
  '1q2w3e4r5t6y7u8i9o',
];
const walkText = [...walks, ...walks.map((walk) => [...walk].reverse().join(''))].map((walk) => walk + walk);

const leet: ReadonlyMap<string, string> = new Map([
  ['@', 'a'],
  ['4', 'a'],
  ['3', 'e'],
  ['1', 'i'],
  ['!', 'i'],
  ['0', 'o'],
  ['$', 's'],
  ['5', 's'],
  ['7', 't'],
]);

/** Case and the usual swaps (p@ssw0rd) do not make a common password an uncommon one. Linear in its length. */
export function isCommonPassword(password: string): boolean {
  const folded = password.toLowerCase();
  const plain = [...folded].map((character) => leet.get(character) ?? character).join('');
  if (whole.has(folded) || whole.has(plain)) return true;
  if (walkText.some((walk) => walk.includes(folded)) || isRepetition(folded)) return true;
  return isWordWithEnding(folded, folded) || isWordWithEnding(folded, plain);
}

/** At every cut: a common word (its swaps undone) and a common ending or beginning (as typed), or two common words. */
function isWordWithEnding(typed: string, plain: string): boolean {
  for (let cut = 1; cut <= typed.length; cut += 1) {
    const head = plain.slice(0, cut);
    const tail = plain.slice(cut);
    if (words.has(head) && (endings.has(typed.slice(cut)) || words.has(tail))) return true;
    if (endings.has(typed.slice(0, cut)) && words.has(tail)) return true;
  }
  return false;
}

/** One to four characters over and over. */
function isRepetition(text: string): boolean {
  for (let size = 1; size <= 4; size += 1) {
    const unit = text.slice(0, size);
    if (unit.repeat(Math.ceil(text.length / size)).slice(0, text.length) === text) return true;
  }
  return false;
}
