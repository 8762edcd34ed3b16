import TrialAnalysis

/// How conventions, methods and tests are worded in a report.
///
/// Records name them in English words or in the codes of the command line; what has no entry here is printed as it stands,
/// so that a new method shows in every report from the day it exists.
enum ConventionWords {
  /// The name of a convention at the start of a note: "Ties".
  static func name(_ name: String, _ language: Language) -> String {
    let text = names[name]?[language] ?? name
    return text.prefix(1).uppercased() + text.dropFirst()
  }

  /// The choice made: "Efron".
  static func choice(_ name: String, _ choice: String, _ language: Language) -> String {
    choices[choice]?[language] ?? methods[choice]?[language] ?? choice
  }

  /// A method or test: "Fisher's exact test".
  static func method(_ name: String, _ language: Language) -> String {
    if let known = methods[name] { return known[language] }
    return name.prefix(1).uppercased() + name.dropFirst()
  }

  /// The symbol of a test's statistic.
  static func symbol(_ record: Result) -> String {
    if record.df2 != nil { return "F" }
    let name = (record.method ?? "") + (record.term ?? "")
    if name.lowercased().contains("wilcoxon") { return "W" }
    if name.lowercased().contains("t test") || name.lowercased().contains("t-test") { return "t" }
    return record.df == nil ? "z" : "χ²"
  }

  private static let names: [String: Label] = [
    "ties": Label("ties", nb: "sammenfallende tider"),
    "conf-type": Label("limits of the curve", nb: "grenser for kurven"),
    "limits": Label("limits", nb: "grenser"),
    "df": Label("degrees of freedom", nb: "frihetsgrader"),
    "degrees of freedom": Label("degrees of freedom", nb: "frihetsgrader"),
    "estimation": Label("estimation", nb: "estimering"),
    "covariance": Label("covariance", nb: "kovarians"),
    "continuity correction": Label("continuity correction", nb: "kontinuitetskorreksjon"),
    "quantile type": Label("quantile type", nb: "kvantiltype"),
    "missing outcome": Label("missing outcomes", nb: "manglende utfall"),
    "missing values": Label("missing values", nb: "manglende verdier"),
    "standardised by": Label("standardised by", nb: "standardisert med"),
    "planned allocation": Label("planned allocation", nb: "planlagt fordeling"),
    "strata": Label("strata", nb: "strata"),
    "variance": Label("variance", nb: "varians"),
    "median": Label("median", nb: "median"),
    "time transform": Label("time transform", nb: "tidstransformasjon"),
    "horizon": Label("horizon", nb: "horisont"),
    "test": Label("test", nb: "test"),
    "standard errors": Label("standard errors", nb: "standardfeil"),
  ]

  private static let choices: [String: Label] = [
    "excluded": Label("left out", nb: "utelatt"),
    "counted as without the event": Label("counted as without the event", nb: "regnet som uten hendelsen"),
    "counted as with the event": Label("counted as with the event", nb: "regnet som med hendelsen"),
    "mean and indicator": Label("mean with an indicator", nb: "gjennomsnitt med indikator"),
    "none": Label("none", nb: "ingen"),
    "efron": Label("Efron", nb: "Efron"),
    "breslow": Label("Breslow", nb: "Breslow"),
    "exact": Label("exact", nb: "eksakt"),
    "log": Label("log transformation", nb: "log-transformasjon"),
    "log-log": Label("log-log transformation", nb: "log-log-transformasjon"),
    "plain": Label("untransformed", nb: "uten transformasjon"),
    "arcsin": Label("arcsine transformation", nb: "arcsinus-transformasjon"),
    "satterthwaite": Label("Satterthwaite", nb: "Satterthwaite"),
    "kenward-roger": Label("Kenward–Roger", nb: "Kenward–Roger"),
    "residual": Label("residual", nb: "residual"),
    "normal": Label("normal distribution", nb: "normalfordeling"),
    "reml": Label("REML", nb: "REML"),
    "ml": Label("maximum likelihood", nb: "sannsynlighetsmaksimering"),
    "wald": Label("Wald", nb: "Wald"),
    "profile": Label("profile likelihood", nb: "profil-likelihood"),
    "model-based": Label("model-based", nb: "modellbasert"),
    "greenwood": Label("Greenwood", nb: "Greenwood"),
    "km": Label("Kaplan–Meier time", nb: "Kaplan–Meier-tid"),
    "inverted from the risk difference": Label(
      "inverted from the risk difference", nb: "invertert fra risikodifferansen"),
    "pooled-sd": Label("pooled standard deviation", nb: "felles standardavvik"),
  ]

  private static let methods: [String: Label] = [
    "log-rank": Label("Log-rank test", nb: "Log-rank-test"),
    "logrank": Label("Log-rank test", nb: "Log-rank-test"),
    "Gray": Label("Gray's test", nb: "Grays test"),
    "gray": Label("Gray's test", nb: "Grays test"),
    "exact binomial": Label("Exact binomial test", nb: "Eksakt binomisk test"),
    "Pearson chi-squared": Label("Pearson's chi-squared test", nb: "Pearsons kjikvadrattest"),
    "N-1 chi-squared": Label("N − 1 chi-squared test", nb: "N − 1-kjikvadrattest"),
    "Fisher's exact": Label("Fisher's exact test", nb: "Fishers eksakte test"),
    "Hansen-Bowers d-squared": Label("Hansen–Bowers test", nb: "Hansen–Bowers-test"),
    "Woolf log": Label("Woolf", nb: "Woolf"),
    "Katz log": Label("Katz", nb: "Katz"),
    "Koopman score": Label("Koopman score", nb: "Koopman-skår"),
    "Newcombe hybrid score": Label("Newcombe hybrid score", nb: "Newcombe hybridskår"),
    "Miettinen-Nurminen score": Label("Miettinen–Nurminen score", nb: "Miettinen–Nurminen-skår"),
    "Mee score": Label("Mee score", nb: "Mee-skår"),
    "Agresti-Caffo": Label("Agresti–Caffo", nb: "Agresti–Caffo"),
    "Agresti-Coull": Label("Agresti–Coull", nb: "Agresti–Coull"),
    "Chan-Zhang exact": Label("Chan–Zhang exact", nb: "Chan–Zhang eksakt"),
    "Wilson score": Label("Wilson score", nb: "Wilson-skår"),
    "Clopper-Pearson exact": Label("Clopper–Pearson exact", nb: "Clopper–Pearson eksakt"),
    "Wald": Label("Wald", nb: "Wald"),
    "likelihood-ratio": Label("Likelihood-ratio test", nb: "Likelihood-ratio-test"),
    "score": Label("Score test", nb: "Skåretest"),
    "wald": Label("Wald test", nb: "Wald-test"),
    "proportional-hazards": Label("Proportional hazards", nb: "Proporsjonale hasarder"),
    "interaction": Label("Arm by visit", nb: "Gruppe × måletidspunkt"),
    "equal-risks": Label("Equal risks", nb: "Like risikoer"),
  ]
}
