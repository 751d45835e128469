/** Simplified characters of the terms, each in front of the traditional one that Taiwan and Hong Kong write. */
const pairs =
  "线線码碼种種复復书書于於务務优優会會余餘关關内內冻凍凭憑单單压壓发發后後员員响響场場处處够夠实實审審对對将將尽盡帐帳并並应應异異弃棄张張录錄态態户戶护護拥擁拦攔挤擠换換据據数數断斷无無时時显顯暂暫机機权權构構标標档檔检檢没沒测測满滿点點状狀现現积積简簡类類级級组組经經结結络絡绝絕统統绪緒续續维維缩縮网網装裝规規视視触觸计計订訂认認议議访訪证證词詞试試话話误誤请請调調负負败敗账帳费費资資载載较較辑輯输輸达達迁遷过過远遠违違连連适適频頻额額题題风風饱飽验驗钥鑰钟鐘销銷错錯长長闭閉问問间間阅閱队隊险險须須预預"

const traditionalOf = new Map(
  Array.from({ length: pairs.length / 2 }, (_, pair) => [pairs.charAt(pair * 2), pairs.charAt(pair * 2 + 1)]),
)

/** A term as it is written in traditional characters; itself where nothing differs. */
export function inTraditional(term: string): string {
  return term.replaceAll(/[\u4E00-\u9FFF]/g, (character) => traditionalOf.get(character) ?? character)
}
