/** Letters that Vietnamese has and English, French or Portuguese have not. */
const vietnameseLetters =
  /[ăđơưĂĐƠƯạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸ]/g;
/** Frequent words written without diacritics that are no English words. */
const plainVietnamese = new Set(
  'khong duoc nhung mang minh toi cua cho nguoi dang roi loi hom nay gui giup voi vui long truong benh vien xin cam quy khach hang hoi thac mac bao hong cuoc dien thoai hoa don nhan vien chua nhu the nay'.split(
    ' ',
  ),
);
const plainEnglish = new Set(
  'the and you for is are was were have has not with this that please thanks thank hello hi dear our your my we it can could would from regards since been will what when how'.split(
    ' ',
  ),
);
const sample = 4_096;

/** `vi` or `en` by what only one of them has; undefined when the text does not tell. */
function languageBySigns(text: string): 'vi' | 'en' | undefined {
  const head = text.slice(0, sample);
  const letters = head.match(vietnameseLetters)?.length ?? 0;
  if (letters >= 2 || (letters === 1 && head.length < 200)) return 'vi';
  let vi = 0;
  let en = 0;
  for (const word of head.toLowerCase().match(/[a-z]+/g) ?? []) {
    if (plainVietnamese.has(word)) vi++;
    else if (plainEnglish.has(word)) en++;
  }
  if (vi >= 2 && vi > en * 2) return 'vi';
  if (en >= 2 && en > vi * 2) return 'en';
  return undefined;
}

/** By signs, then asks the detector, which is loaded only when a text needs it. */
export async function detectLanguage(text: string): Promise<'vi' | 'en' | undefined> {
  const bySigns = languageBySigns(text);
  if (bySigns !== undefined) return bySigns;
  const head = text.slice(0, 1_024).trim();
  if (head.length < 20 || !/\p{L}{2}/u.test(head)) return undefined;
  const { detect } = await import('tinyld');
  const found = detect(head, { only: ['vi', 'en'] });
  return found === 'vi' || found === 'en' ? found : undefined;
}
