import TrialAnalysis

/// The methods paragraph, written from what the records say was done (SAMPL: name the procedure, the limits, the degrees of
/// freedom, the software and its version).
///
/// Each kind of analysis adds sentences; a clause whose convention no record carries is left out, so that the text never
/// claims what was not done.
struct MethodsText {
  let context: ReportContext

  func blocks() -> [ReportDocument.Block] {
    let done = context.run.analyses.filter { $0.failure == nil && !$0.results.isEmpty }
    let kinds = done.map(\.kind).unique
    let paragraphs = kinds.map { kind in
      sentences(kind, done.filter { $0.kind == kind }).joined(separator: " ")
    }
    return (paragraphs.filter { !$0.isEmpty } + [closing(done)]).map { .paragraph($0) }
  }

  private func pick(_ english: String, _ norwegian: String) -> String { context.pick(english, norwegian) }

  // MARK: Reading conventions

  /// The choices made under a name, worded and joined: "Efron".
  private func choices(_ analyses: [CompletedAnalysis], _ names: [String]) -> String? {
    let found = analyses.flatMap(\.results).flatMap(\.conventions).filter {
      names.contains($0.name) && !ConventionWords.isUnremarkable($0)
    }
    let worded = found.map { ConventionWords.choice($0.name, $0.choice, context.language) }.unique
    return worded.isEmpty ? nil : list(worded)
  }

  /// The methods of records of a measure, worded and joined.
  private func methods(_ analyses: [CompletedAnalysis], _ measure: Result.Measure) -> String? {
    let found = analyses.flatMap(\.results).filter { $0.measure == measure }.compactMap(\.method)
    let worded = found.map { ConventionWords.method($0, context.language) }.unique
    return worded.isEmpty ? nil : list(worded)
  }

  private func has(_ analyses: [CompletedAnalysis], _ measure: Result.Measure) -> Bool {
    analyses.contains { $0.results.contains { $0.measure == measure } }
  }

  private func list(_ items: [String]) -> String {
    guard items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + pick(" and ", " og ") + items.last!
  }

  /// "adjusted for age and sex", where an analysis has covariates.
  private func adjustment(_ analyses: [CompletedAnalysis]) -> String {
    let names = analyses.flatMap { analysis in
      analysis.covariates.map { name in
        let variable = analysis.variables.first { $0.name == name }
        return (variable.map { context.text($0.label) } ?? name).lowercasedFirst
      }
    }.unique
    return names.isEmpty ? "" : pick(", adjusted for ", ", justert for ") + list(names)
  }

  private func formulas(_ analyses: [CompletedAnalysis]) -> String {
    let formulas = analyses.flatMap(\.results).compactMap(\.formula).unique
    return formulas.isEmpty ? "" : " (" + formulas.joined(separator: "; ") + ")"
  }

  // MARK: Sentences by kind

  private func sentences(_ kind: AnalysisKind, _ own: [CompletedAnalysis]) -> [String] {
    switch kind {
    case .flow: []
    case .randomisation: randomisation(own)
    case .baseline: baseline(own)
    case .risk: risks(own)
    case .logistic:
      regression(
        own, pick("Odds ratios come from logistic regression", "Oddsratioer er fra logistisk regresjon"))
    case .linear:
      regression(
        own,
        pick(
          "Differences in means come from linear regression",
          "Differanser i gjennomsnitt er fra lineær regresjon"))
    case .counts:
      regression(
        own,
        pick("Counts were analysed by ", "Antall ble analysert med ")
          + (methods(own, .rateRatio) ?? pick("regression for counts", "regresjon for antall"))
          .lowercasedFirst)
    case .means: means(own)
    case .twoPart: twoPart(own)
    case .kaplanMeier: kaplanMeier(own)
    case .logRank: logRank(own)
    case .cox: cox(own)
    case .cumulativeIncidence: cumulativeIncidence(own)
    case .restrictedMean: restrictedMean(own)
    case .meanCumulative: meanCumulative()
    case .mixedModel: mixedModel(own)
    case .repeatedMeasures: repeatedMeasures(own)
    case .generalisedMixedModel: generalisedMixedModel(own)
    }
  }

  private func randomisation(_ own: [CompletedAnalysis]) -> [String] {
    let tests = own.flatMap(\.results).filter { $0.measure == .test }
    func test(_ prefix: String) -> String? {
      tests.first { $0.term?.hasPrefix(prefix) == true }?.method.map {
        ConventionWords.method($0, context.language).lowercasedName.withArticle(context.language)
      }
    }
    var parts: [String] = []
    if let method = test("allocation") {
      let planned = choices(own, ["planned allocation"]).map { " (" + $0 + ")" } ?? ""
      parts.append(
        pick(
          "the allocation was compared with the planned ratio\(planned) by \(method)",
          "fordelingen ble sammenlignet med den planlagte\(planned) med \(method)"))
    }
    if let method = test("balance") {
      parts.append(
        pick(
          "balance over all baseline variables by \(method)",
          "balansen over alle kjennetegn med \(method)"))
    }
    if let method = test("missing-outcome") {
      parts.append(
        pick(
          "missing outcomes between the arms by \(method)",
          "manglende utfall mellom gruppene med \(method)"))
    }
    if let drawn = tests.first(where: { $0.convention("re-drawn design") != nil }) {
      let design = ConventionWords.choice(
        "re-drawn design", drawn.convention("re-drawn design")!, context.language)
      let draws = drawn.convention("draws").flatMap(Double.init).map { context.style.count($0) } ?? ""
      parts.append(
        pick(
          "order, predictability and balance of the list against \(draws) draws of the design (\(design))",
          "listens rekkefølge, forutsigbarhet og balanse mot \(draws) trekninger av designet (\(design))"))
    }
    guard !parts.isEmpty else { return [] }
    return [
      pick("Randomisation was checked: ", "Randomiseringen ble kontrollert: ") + parts.joined(separator: "; ")
        + ".",
      pick("These checks chose no covariates.", "Kontrollene valgte ingen kovariater."),
    ]
  }

  private func baseline(_ own: [CompletedAnalysis]) -> [String] {
    let type =
      choices(own, ["quantile type"]).map { pick(" (quantiles of type \($0))", " (kvantiler av type \($0))") }
      ?? ""
    return [
      pick(
        "Baseline characteristics are counts with percentages of known values, means with standard deviations, and medians with quartiles\(type).",
        "Kjennetegn ved start er antall med prosent av kjente verdier, gjennomsnitt med standardavvik og medianer med kvartiler\(type)."
      ),
      pick(
        "They were not tested between the arms (CONSORT 2025, item 25).",
        "De ble ikke testet mellom gruppene (CONSORT 2025, punkt 25)."),
    ]
  }

  private func risks(_ own: [CompletedAnalysis]) -> [String] {
    let measures: [(Result.Measure, String, String)] = [
      (.riskDifference, "the risk difference", "risikodifferansen"),
      (.riskRatio, "the risk ratio", "relativ risiko"),
      (.oddsRatio, "the odds ratio", "oddsratioen"),
      (.numberNeededToTreat, "the number needed to treat", "NNT"),
    ]
    let parts = measures.compactMap { measure, english, norwegian -> String? in
      guard has(own, measure) else { return nil }
      let limits = methods(own, measure).map { pick(" (\($0) limits)", " (\($0)-grenser)") } ?? ""
      return pick(english, norwegian) + limits
    }
    var sentences: [String] = []
    if !parts.isEmpty {
      sentences.append(
        pick("Risks were compared by ", "Risikoer ble sammenlignet ved ") + list(parts) + ".")
    }
    if let limits = methods(own, .risk) {
      sentences.append(
        pick("Limits of each arm's risk are \(limits).", "Grensene for risikoen i hver gruppe er \(limits)."))
    }
    if let test = methods(own, .test) {
      sentences.append(
        pick(
          "The p-value is from \(test.lowercasedName.withArticle(context.language)).",
          "p-verdien er fra \(test.lowercasedName)."))
    }
    let rules = missingRules(own)
    if !rules.isEmpty {
      sentences.append(
        pick("Participants without an outcome were ", "Deltakere uten utfall ble ")
          + rules.joined(separator: pick("; or ", "; eller ")) + ".")
    }
    return sentences
  }

  /// What became of participants without an outcome; with the part of the analysis where the parts differ.
  private func missingRules(_ own: [CompletedAnalysis]) -> [String] {
    var rules: [(rule: String, parts: [String])] = []
    for analysis in own {
      for record in analysis.results {
        guard let choice = record.convention("missing outcome") else { continue }
        let rule = ConventionWords.choice("missing outcome", choice, context.language)
        if !rules.contains(where: { $0.rule == rule }) { rules.append((rule, [])) }
        let index = rules.firstIndex { $0.rule == rule }!
        let part = record.variant.map { context.variant($0, in: analysis).lowercasedFirst }
        if let part, !rules[index].parts.contains(part) { rules[index].parts.append(part) }
      }
    }
    guard rules.count > 1 else { return rules.map(\.rule) }
    return rules.map { $0.rule + ($0.parts.isEmpty ? "" : pick(" in: ", " i: ") + list($0.parts)) }
  }

  private func regression(_ own: [CompletedAnalysis], _ opening: String) -> [String] {
    var text = opening
    let hasBoth = own.contains {
      Set($0.results.compactMap(\.variant)).isSuperset(of: ["crude", "adjusted"])
    }
    if hasBoth {
      text += pick(", crude and", ", ujustert og") + adjustment(own).dropFirst()
    } else {
      text += adjustment(own)
    }
    var sentences = [text + "."]
    if let limits = choices(own, ["limits"]) {
      sentences.append(pick("Limits are \(limits).", "Grensene er \(limits)."))
    }
    if let kind = choices(own, ["covariance", "standard errors"]) {
      sentences.append(pick("Standard errors are \(kind).", "Standardfeilene er \(kind)."))
    }
    return sentences
  }

  private func means(_ own: [CompletedAnalysis]) -> [String] {
    let method = methods(own, .meanDifference)
    var sentences = [
      pick("Means were compared", "Gjennomsnitt ble sammenlignet")
        + (method.map { pick(" by ", " med ") + $0.lowercasedName } ?? "") + adjustment(own) + "."
    ]
    if let test = methods(own, .test) {
      sentences.append(
        pick(
          "Distributions were compared by \(test.lowercasedName.withArticle(context.language)).",
          "Fordelinger ble sammenlignet med \(test.lowercasedName)."))
    }
    if let df = choices(own, ["df", "degrees of freedom"]) {
      sentences.append(pick("Degrees of freedom: \(df).", "Frihetsgrader: \(df)."))
    }
    return sentences
  }

  private func twoPart(_ own: [CompletedAnalysis]) -> [String] {
    let second = choices(own, ["second part"]).map { " (" + $0 + ")" } ?? ""
    var sentences = [
      pick(
        "Means with many zeros come from a two-part model: a logistic regression of a value above zero and a regression of its size\(second), standardised over the participants\(adjustment(own)), with delta-method limits from a sandwich covariance.",
        "Gjennomsnitt med mange nuller er fra en todelt modell: en logistisk regresjon av en verdi over null og en regresjon av størrelsen\(second), standardisert over deltakerne\(adjustment(own)), med grenser ved deltametoden fra en robust kovarians."
      )
    ]
    if let check = choices(own, ["bootstrap"]) {
      sentences.append(
        pick("They were checked by a bootstrap: \(check).", "De ble kontrollert med bootstrap: \(check)."))
    }
    return sentences
  }

  private func kaplanMeier(_ own: [CompletedAnalysis]) -> [String] {
    let limits =
      choices(own, ["conf-type", "limits"]).map {
        pick(" with limits by the \($0)", " med grenser ved \($0)")
      } ?? ""
    var sentences = [
      pick(
        "Time to event was described by the Kaplan–Meier estimator\(limits).",
        "Tid til hendelse ble beskrevet med Kaplan–Meier-estimatoren\(limits).")
    ]
    if let rule = choices(own, ["median"]) {
      sentences.append(pick("Median: \(rule).", "Median: \(rule)."))
    }
    return sentences + landmark(own)
  }

  private func logRank(_ own: [CompletedAnalysis]) -> [String] {
    let strata = choices(own, ["strata"]).map { pick(", strata: \($0)", ", strata: \($0)") } ?? ""
    let methods = own.flatMap(\.results).filter { $0.measure == .test }.compactMap(\.method).unique
    let names = methods.map { ConventionWords.method($0, context.language) }
    let tests =
      names.isEmpty || methods.allSatisfy { $0.hasSuffix("log-rank test") }
      ? pick("the log-rank test", "log-rank-test") : list(names)
    var sentences = [
      pick("Arms were compared by \(tests)\(strata).", "Gruppene ble sammenlignet med \(tests)\(strata).")
    ]
    if methods.contains(where: { $0.hasSuffix("MaxCombo test") }) {
      let weights = choices(own.filter(isMaxCombo), ["weights"]).map { " \($0)" } ?? ""
      sentences.append(
        pick(
          "MaxCombo takes the largest of the weighted log-rank statistics\(weights); its p-value is from their joint normal distribution.",
          "MaxCombo tar den største av de vektede log-rank-statistikkene\(weights); p-verdien er fra deres felles normalfordeling."
        ))
    }
    return sentences + landmark(own)
  }

  private func isMaxCombo(_ analysis: CompletedAnalysis) -> Bool {
    analysis.results.contains { $0.method?.hasSuffix("MaxCombo test") == true }
  }

  /// Who a landmark analysis follows, and from when.
  private func landmark(_ own: [CompletedAnalysis]) -> [String] {
    let times = own.flatMap(\.results).compactMap { $0.convention("landmark") }.unique
    guard !times.isEmpty else { return [] }
    let unit = own.first?.timeUnit.map(context.text) ?? context.text(.days)
    return [
      pick(
        "Landmark analyses follow those still at risk \(list(times)) \(unit) after randomisation, from then on; who had the event or was censored earlier is left out.",
        "Landemerkeanalyser følger dem som fortsatt er under risiko \(list(times)) \(unit) etter randomisering, fra da av; de som hadde hendelsen eller ble sensurert tidligere, er utelatt."
      )
    ]
  }

  private func cox(_ own: [CompletedAnalysis]) -> [String] {
    let ties =
      choices(own, ["ties"]).map {
        pick(" with \($0)'s handling of ties", " med \($0)s håndtering av sammenfallende tider")
      } ?? ""
    var sentences = regression(
      own,
      pick("Hazard ratios come from Cox regression\(ties)", "Hasardratioer er fra Cox-regresjon\(ties)"))
    if let recurrent = choices(own, ["recurrent events"]) {
      sentences.append(
        pick(
          "Several events of one participant count (\(recurrent)); the variance is robust by participant.",
          "Flere hendelser hos samme deltaker teller (\(recurrent)); variansen er robust etter deltaker."))
    }
    if let penalty = choices(own, ["penalty"]) {
      sentences.append(
        pick(
          "The likelihood is penalised (\(penalty)), so that estimates stay finite; limits are from its profile.",
          "Likelihooden er straffet (\(penalty)), slik at estimatene er endelige; grensene er fra profilen."))
    }
    if own.flatMap(\.results).contains(where: { $0.term?.hasPrefix("proportional-hazards") == true }) {
      let transform =
        choices(own, ["transform of time", "time transform"]).map {
          pick(" (time transform: \($0))", " (tidstransformasjon: \($0))")
        } ?? ""
      sentences.append(
        pick(
          "Proportional hazards were tested by scaled Schoenfeld residuals\(transform).",
          "Proporsjonale hasarder ble testet med skalerte Schoenfeld-residualer\(transform)."))
    }
    sentences += landmark(own)
    return sentences
  }

  private func cumulativeIncidence(_ own: [CompletedAnalysis]) -> [String] {
    [
      pick(
        "With competing events, cumulative incidence was estimated by the Aalen–Johansen estimator",
        "Med konkurrerende hendelser ble kumulativ insidens estimert med Aalen–Johansen-estimatoren")
        + (has(own, .test) ? pick(" and compared by Gray's test.", " og sammenlignet med Grays test.") : ".")
    ]
  }

  private func restrictedMean(_ own: [CompletedAnalysis]) -> [String] {
    let times = own.flatMap(\.results).compactMap(\.time).unique.map {
      context.style.number($0, decimals: Ticks.decimalsNeeded($0))
    }
    let unit = own.first?.timeUnit.map(context.text) ?? context.text(.days)
    let adjusted = own.flatMap(\.results).contains { $0.method?.hasSuffix("pseudo-values") == true }
    return [
      pick("Restricted mean times run to ", "Begrensede gjennomsnittstider går til ") + list(times) + " "
        + unit + "."
    ]
      + (adjusted
        ? [
          pick(
            "Adjusted differences and ratios are from regressions of jackknife pseudo-values with a robust variance.",
            "Justerte differanser og ratioer er fra regresjon av jackknife-pseudoverdier med robust varians.")
        ] : [])
  }

  private func meanCumulative() -> [String] {
    [
      pick(
        "The mean number of recurrent events by time was estimated by the mean cumulative function (Nelson–Aalen) with limits on the log scale; its variance, and those of differences and ratios, are robust by participant (Lawless and Nadeau).",
        "Gjennomsnittlig antall gjentatte hendelser over tid ble estimert med den kumulative gjennomsnittsfunksjonen (Nelson–Aalen) med grenser på log-skala; variansen, også for differanser og ratioer, er robust etter deltaker (Lawless og Nadeau)."
      )
    ]
  }

  private func mixedModel(_ own: [CompletedAnalysis]) -> [String] {
    let estimation = choices(own, ["estimation"]).map { pick(" by \($0)", " med \($0)") } ?? ""
    return [
      pick(
        "Repeated measurements were analysed by a linear mixed model\(formulas(own)), fitted\(estimation).",
        "Gjentatte målinger ble analysert med en lineær blandet modell\(formulas(own)), tilpasset\(estimation)."
      )
    ] + visitSentences(own)
  }

  private func repeatedMeasures(_ own: [CompletedAnalysis]) -> [String] {
    let estimation = choices(own, ["estimation"]).map { pick(" by \($0)", " med \($0)") } ?? ""
    var sentences = [
      pick(
        "Repeated measurements were analysed by a mixed model for repeated measures\(formulas(own)), fitted\(estimation).",
        "Gjentatte målinger ble analysert med en modell for gjentatte målinger (MMRM)\(formulas(own)), tilpasset\(estimation)."
      )
    ]
    if let structure = choices(own, ["covariance structure"]) {
      sentences.append(
        pick(
          "The covariance of a participant's visits is \(structure).",
          "Kovariansen mellom en deltakers måletidspunkter er \(structure)."))
    }
    if let ladder = choices(own, ["covariance ladder"]) {
      let left = choices(own, ["covariance left"])
      sentences.append(
        pick(
          "The plan's order of structures was \(ladder)", "Planens rekkefølge av strukturer var \(ladder)")
          + (left.map { pick("; left were \($0).", "; forlatt ble \($0).") }
            ?? pick("; the first had a fit.", "; den første lot seg tilpasse.")))
    }
    return sentences + visitSentences(own)
  }

  private func generalisedMixedModel(_ own: [CompletedAnalysis]) -> [String] {
    let method = (methods(own, .oddsRatio) ?? methods(own, .rateRatio) ?? "").lowercasedFirst
    let likelihood = choices(own, ["likelihood"]) ?? ""
    var sentences = [
      pick(
        "Repeated outcomes were analysed by \(method)\(formulas(own)), the random effects integrated by \(likelihood); its ratios compare participants with equal random effects.",
        "Gjentatte utfall ble analysert med \(method)\(formulas(own)), de tilfeldige effektene integrert med \(likelihood); ratioene sammenligner deltakere med like tilfeldige effekter."
      )
    ]
    if own.contains(where: { $0.results.contains { $0.term == "standardised" } }) {
      sentences.append(
        pick(
          "Standardised means are averaged over the rows and integrated over the random effects, with limits by the delta method.",
          "Standardiserte gjennomsnitt er tatt over radene og integrert over de tilfeldige effektene, med grenser fra deltametoden."
        ))
    }
    return sentences
  }

  /// What models of repeated measurements share: equal baselines, degrees of freedom, means by visit.
  private func visitSentences(_ own: [CompletedAnalysis]) -> [String] {
    var sentences: [String] = []
    if choices(own, ["baseline means"]) != nil {
      sentences.append(
        pick(
          "The arms share their mean at the first visit, as randomisation gives it (constrained longitudinal data analysis).",
          "Gruppene har felles gjennomsnitt ved første måletidspunkt, som randomiseringen gir (constrained longitudinal data analysis)."
        ))
    }
    if let df = choices(own, ["df", "degrees of freedom"]) {
      sentences.append(
        pick("Degrees of freedom of t and F: \(df).", "Frihetsgrader for t og F: \(df)."))
    }
    if has(own, .marginalMean) {
      let weights = choices(own, ["weights", "marginal means"]).map { " (" + $0 + ")" } ?? ""
      sentences.append(
        pick(
          "Means by visit are estimated marginal means\(weights).",
          "Gjennomsnitt per måletidspunkt er estimerte marginale gjennomsnitt\(weights)."))
    }
    return sentences
  }

  private func closing(_ done: [CompletedAnalysis]) -> String {
    let levels = done.flatMap(\.results).compactMap(\.level).unique
    var sentences: [String] = []
    if !levels.isEmpty {
      sentences.append(
        pick("Intervals are ", "Intervallene er ")
          + list(levels.map { context.style.intervalName(level: $0) })
          + pick("; tests are two-sided.", "; testene er tosidige."))
    }
    sentences.append(
      context.run.rounding.ties == .away
        ? pick(
          "Printed numbers are rounded once, halves away from zero.",
          "Trykte tall er avrundet én gang, halve bort fra null.")
        : pick(
          "Printed numbers are rounded once, halves to the even digit.",
          "Trykte tall er avrundet én gang, halve til nærmeste partall."))
    if context.run.suppressionFloor > 0 { sentences.append(context.suppressionNote) }
    sentences.append(
      pick(
        "Software: hekta \(context.run.softwareVersion), whose distribution functions are those of R (libRmath).",
        "Programvare: hekta \(context.run.softwareVersion), med fordelingsfunksjonene til R (libRmath)."))
    return sentences.joined(separator: " ")
  }
}
