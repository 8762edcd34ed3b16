/// Common given names and surnames in Norway, for telling a person's name in free text.
///
/// The commonest of Statistics Norway's name statistics, and common ones among immigrants; given names that are also everyday
/// words or months at the start of a sentence (Bo, Dag, Even, Liv, Mai, Stein …) are left out.
enum PersonNames {
  /// True where a text names a person: a given name by itself, or a given name or initial before a surname.
  ///
  /// In lower case (`snakket med kari nordmann`) a given name among other words is one where it is no word besides (`tone`, `per`);
  /// one that is counts before a surname that is none.
  static func areIn(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      var words = NameWords(bytes)
      // A code by itself is no sentence about somebody.
      var count = 0
      var hasGiven = false
      var before: NameWord?
      while let word = words.next() {
        if word.startsCompound { count += 1 }
        if names(word, behind: before, in: bytes, &hasGiven) || hasGiven && count > 1 { return true }
        before = word
      }
      return false
    }
  }

  /// True where a word and the one before it name a person.
  ///
  /// - Parameter hasGiven: set where the word is a given name in lower case, which counts among other words.
  private static func names(
    _ word: NameWord, behind before: NameWord?, in bytes: UnsafeBufferPointer<UInt8>, _ hasGiven: inout Bool
  ) -> Bool {
    // No name of the lists is shorter.
    guard word.end - word.start >= 3, let name = word.lowercased(bytes) else { return false }
    if given.contains(name) {
      // Hospitals are called after saints.
      if let saint = before?.lowercased(bytes), saints.contains(saint) { return false }
      if word.isCapitalised { return true }
      // An address is told as one.
      let isAddress = word.end < bytes.count && bytes[word.end] == 0x40
      hasGiven = hasGiven || !isAddress && !everyday.contains(name)
    }
    guard word.startsCompound, let before, surnames.contains(name) else { return false }
    let first = before.lowercased(bytes) ?? ""
    if word.isCapitalised, before.isCapitalised {
      // NAV Strand and DPS Lund are offices.
      return !before.isAbbreviation || word.isAbbreviation || first == "dr"
    }
    if titles.contains(first) { return !everyday.contains(name) }
    guard word.followsBlank, given.contains(first) else { return false }
    return !everyday.contains(name) || !everyday.contains(first)
  }

  /// Words for a person before a surname.
  private static let titles: Set<String> = [
    "dr", "lege", "fastlege", "overlege", "psykolog", "sykepleier", "veileder", "saksbehandler", "lærer",
    "fru", "frøken",
    "herr", "hr",
  ]

  private static let saints: Set<String> = ["st", "sankt", "sankta", "saint"]

  /// Names of the lists below that are words, abbreviations or misspellings too (`per`, `tone`, `jan`, `berg`), of Norwegian or of
  /// English.
  private static let everyday = Set(
    """
    agnes agnete ali amanda amina amir anna arild arve asma atle bjarte bjørn bjørnar dagmar eli ella else endre ester eva \
    fatuma finn frank geir gro hans harry helga helge hilda ida inga irene iver jan john kai karen karl klara knut kristen \
    kåre lasse line linn linnea lise liss malene maria martin mette mina oda odd omar osman per rakel renate rita roar roger \
    rune sander signe sindre siv sondre stella stig svein sverre tom tone tor tore tove trine tuva veronika vetle victor \
    vilde viljar \
    bakke bakken berg berge borge brekken bråten eggen eide evjen gjerde hagen hamre hauge haugen hegge holmen khan lie lien \
    lund lunde løken moe moen nordmann skoglund strand strømme sunde tangen tveit vatne åsen
    """.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init))

  /// True for capitalised words without digits: all that a column of names can hold.
  static func looksLikeName(_ text: String) -> Bool {
    guard let first = text.first, first.isUppercase, text.utf8.count <= longestName, text.count > 1,
      text != "NA"
    else {
      return false
    }
    return text.allSatisfy { $0.isLetter || $0 == " " || $0 == "-" || $0 == "." || $0 == "," || $0 == "'" }
  }

  /// In bytes; nobody's is longer.
  private static let longestName = 300

  private static let given = Set(
    """
    anne inger kari ola marit ingrid eva berit astrid bjørg hilde anna solveig marianne randi ida nina maria elisabeth kristin \
    bente heidi silje hanne gerd linda tone tove elin anita wenche ragnhild camilla ellen karin ann hege mona marie aud \
    monica julie kristine laila turid reidun helene åse trine hanna sigrid emma gunn karen emilie siri thea malin frode \
    caroline lise nora sara ragnhild katrine cathrine line ingeborg ruth irene stine merete unni rita tonje mette grethe \
    eli vigdis synnøve charlotte andrea tuva sofie amalie vilde frida ingvild jorunn torunn birgit kirsten else sissel \
    jan per bjørn ole lars kjell knut svein thomas arne geir morten hans terje odd erik martin andreas john anders rune \
    trond tor daniel marius kristian jon magnus harald alexander jonas tom henrik olav roger leif gunnar håkon øyvind \
    sverre helge kristoffer rolf einar christian sebastian eirik kåre ivar robert frank stian fredrik kenneth emil \
    espen arild tommy vidar sondre asbjørn jørgen mathias sigurd torbjørn markus adrian aleksander halvor ketil sindre \
    mohammed muhammad ahmed ali omar hassan abdi ibrahim fatima amina aisha yusuf mustafa krzysztof piotr agnieszka \
    katarzyna tomasz marcin pawel natalia olga svetlana igor dmitri jakub oliver william filip isak jakob lucas noah \
    agnes agnete alf alfhild alma amanda anders anja ann-kristin annika anniken annette anton arnfinn \
    arnt arve asgeir aslaug atle audun bård benedikte benjamin bernt birger birgitte bjarne bjarte \
    bjørnar borghild brit britt brynjulf carina carl cecilie celine christer christina christine \
    christopher claus dagfinn dagmar dagny daniela david eilif einride eirin eivind elias ella elise \
    elisabet ellinor elsa emma endre ester eskil fabian ferdinand filippa finn fridtjof gabriel geirmund \
    georg gjertrud gro gudbrand gudmund gudrun gunhild gunnhild gunvor gustav guro hallgeir hallvard \
    harriet harry hedda hedvig helga henning henny herman hermod hilda hildegunn hilmar hjalmar hjørdis \
    inga ingunn ingvar ingvil iselin ivan iver jacob janne jannicke jarle jenny jens jesper joachim \
    joakim johan johanna johanne johannes jonathan jonny josefine jostein judith julian julia jørn kaja \
    kamilla kai karl karoline karsten kasper kathrine katharina katarina kay kirsti kjartan kjellaug \
    kjersti kjetil klara konrad kristen kristiane kristina kurt laura lasse leah leon levi lilly lillian \
    linn linnea lisbeth liss ludvig lukas lydia magnhild magne magni maja malene margit margrete \
    margrethe marlene marta marte marthe mathea mathilde matilde matteo michael mikael mikkel mina mira \
    mohamad mohamed nadia nikolai nils nikoline nathalie oda oddbjørn oddvar oddny olaug oline olivia \
    oscar oskar othilie patrick patrik peder per-erik petra petter philip preben rakel randolf rasmus \
    rebecca rebekka reidar reinert renate richard rigmor roald roar ronny roland rolv ruben samuel sander \
    sandra selma sigbjørn sigmund signe simen simon sigvart siv sivert snorre sofia solfrid stefan \
    stefanie steffen steinar stella stephan stig sunniva susann susanne svanhild sven sveinung synne \
    tarjei tarald teodor theodor theo therese tiril tobias tordis torgeir torgunn torhild torill torkel \
    torleif tormod torstein torvald tore trygve ulf ulrik ulrikke valborg veronica veronika vetle victor \
    victoria viktor viktoria vilhelm viljar vincent vivian wilhelm willy yngvar yngve yvonne ørjan \
    øistein øystein øyvor åge ågot åsa åshild åsmund åslaug abdul abdullah abdirahman ahmad aleksandra \
    amir asma ayse bartosz bilal daria ewa farah fatma fatuma grzegorz hamza hodan hussein irina ismail \
    jamal joanna kamil karim khadija layla leila lukasz maryam mehmet mariam michal monika mohammad \
    mahmoud nasra nasir osman rahma rashid sahra salma samira sofiya tatiana yasmin yousef zahra zainab
    """.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init))

  private static let surnames = Set(
    """
    hansen johansen olsen larsen andersen pedersen nilsen kristiansen jensen karlsen johnsen pettersen eriksen berg \
    haugen hagen johannessen andreassen jacobsen dahl jørgensen halvorsen henriksen lund sørensen jakobsen moen \
    gundersen iversen strand solberg svendsen eide knutsen martinsen kristoffersen bakke mathisen amundsen rasmussen \
    lie berge solheim nguyen moe kristensen fredriksen bakken holm lien hauge hansson ali ahmed nygård bøe haugland \
    christensen nielsen simonsen aas evensen danielsen tangen antonsen mohamed khan hussain singh thorsen isaksen arnesen \
    ellingsen kowalski myhre sandvik rognli \
    aasen abrahamsen amundsen arntzen aune birkeland bjerke bjørnstad borge brekken bråten bråthen bruun \
    børresen carlsen dahle edvardsen egeland eggen ekeland eliassen ellefsen erichsen espeland evjen \
    falch fjeld fossum fjellstad gabrielsen gjerde gulbrandsen gustavsen gulliksen haaland hamre hegge \
    helgesen helland hermansen hetland hjelle holmen holte hovland husby håland ingebrigtsen ingebretsen \
    jansen jonassen johannesen juliussen karlsson kaspersen kjeldsen klausen knudsen kolstad kvam larssen \
    lervik lindberg lorentzen lunde løken løvik madsen magnussen mathiesen melby michelsen mikalsen \
    mikkelsen mortensen mohammed myhren myklebust myrvold ness nikolaisen nilssen norheim nordby nygaard \
    næss olaussen olstad opsahl ottesen ottosen paulsen petersen reitan rostad ruud rønning røed \
    samuelsen sandberg seljeset simensen sivertsen skaar skoglund sollie soltvedt stene stensrud strømme \
    sunde sundby svartdal sveen syversen sæther sætre søberg søreng thomassen thorbjørnsen thoresen \
    thorstensen thune tollefsen torgersen tveit tveiten tønnessen ulriksen vatne vikan wang wiik wold \
    ødegaard ødegård østby østli øverland aarseth åsen nowak kowalska wisniewski pham osman hassan abdi \
    ibrahim rahman akhtar iqbal sharma petrov ivanov popescu jankauskas kazlauskas nordmann
    """.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init))
}
