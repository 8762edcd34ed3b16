/// Common given names and surnames in Norway, for telling a person's name in free text.
///
/// The commonest of Statistics Norway's name statistics, and common ones among immigrants; given names that are also everyday
/// words or months at the start of a sentence (Bo, Dag, Even, Liv, Mai, Stein …) are left out.
enum PersonNames {
  /// True where a text names a person: a given name by itself, or a given name or initial before a surname.
  static func areIn(_ text: String) -> Bool {
    let words = text.split(whereSeparator: { !$0.isLetter && $0 != "-" })
    for (i, word) in words.enumerated() where word.first!.isUppercase {
      let parts = word.split(separator: "-").map { $0.lowercased() }
      if parts.contains(where: given.contains) { return true }
      if i > 0, words[i - 1].first!.isUppercase, let last = parts.last, surnames.contains(last) {
        return true
      }
    }
    return false
  }

  private static let given = Set(
    """
    anne inger kari marit ingrid eva berit astrid bjørg hilde anna solveig marianne randi ida nina maria elisabeth kristin \
    bente heidi silje hanne gerd linda tone tove elin anita wenche ragnhild camilla ellen karin ann hege mona marie aud \
    monica julie kristine laila turid reidun helene åse trine hanna sigrid emma gunn karen emilie siri thea malin frode \
    caroline lise nora sara ragnhild katrine cathrine line ingeborg ruth irene stine merete unni rita tonje mette grethe \
    eli vigdis synnøve charlotte andrea tuva sofie amalie vilde frida ingvild jorunn torunn birgit kirsten else sissel \
    jan per bjørn ole lars kjell knut svein thomas arne geir morten hans terje odd erik martin andreas john anders rune \
    trond tor daniel marius kristian jon magnus harald alexander jonas tom henrik olav roger leif gunnar håkon øyvind \
    sverre helge kristoffer rolf einar christian sebastian eirik kåre ivar robert frank stian fredrik kenneth emil \
    espen arild tommy vidar sondre asbjørn jørgen mathias sigurd torbjørn markus adrian aleksander halvor ketil sindre \
    mohammed muhammad ahmed ali omar hassan abdi ibrahim fatima amina aisha yusuf mustafa krzysztof piotr agnieszka \
    katarzyna tomasz marcin pawel natalia olga svetlana igor dmitri jakub oliver william filip isak jakob lucas noah
    """.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init))

  private static let surnames = Set(
    """
    hansen johansen olsen larsen andersen pedersen nilsen kristiansen jensen karlsen johnsen pettersen eriksen berg \
    haugen hagen johannessen andreassen jacobsen dahl jørgensen halvorsen henriksen lund sørensen jakobsen moen \
    gundersen iversen strand solberg svendsen eide knutsen martinsen kristoffersen bakke mathisen amundsen rasmussen \
    lie berge solheim nguyen moe kristensen fredriksen bakken holm lien hauge hansson ali ahmed nygård bøe haugland \
    christensen nielsen simonsen aas evensen danielsen tangen antonsen mohamed khan hussain singh thorsen isaksen arnesen \
    ellingsen kowalski myhre sandvik rognli
    """.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init))
}
