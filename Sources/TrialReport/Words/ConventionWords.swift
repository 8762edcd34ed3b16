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

  /// A convention as a sentence: "Limits: Newcombe hybrid score."
  static func sentence(_ name: String, _ choice: String, _ language: Language) -> String {
    self.name(name, language) + ": " + self.choice(name, choice, language) + "."
  }

  /// True for a convention that says only that nothing was done, or repeats what the page says elsewhere.
  static func isUnremarkable(_ convention: Result.Convention) -> Bool {
    switch (convention.name, convention.choice) {
    case ("adjustment", "none"), ("multiplicity", "none"), ("strata", "none"), ("rho", "0"), ("zph time", _),
      ("seed", _), ("verdict", _), ("lines", _), ("expected", _), ("Monte-Carlo error", _),
      ("block sizes", _), ("family", "binomial"), ("link", "logit"), ("family", "gaussian"),
      ("link", "identity"), ("variance", "hypergeometric"), ("weights", "log-rank"), ("df", "normal"),
      ("information", "expected"), ("first part", _):
      true
    default: false
    }
  }

  /// The choice made: "Efron".
  static func choice(_ name: String, _ choice: String, _ language: Language) -> String {
    if let known = choices[choice] ?? methods[choice] { return known[language] }
    if choice.hasPrefix("permuted-block") {
      let blocks = Label("permuted blocks", nb: "permuterte blokker")
      return blocks[language] + choice.dropFirst("permuted-block".count)
    }
    if name.hasPrefix("Monte-Carlo error") {
      let errors = language == .norwegian ? choice.replacing(".", with: ",") : choice
      // Two numbers with decimal commas and a comma between them would be read as more.
      return language == .norwegian
        ? errors.replacing(", ", with: " og ") : errors.replacing(", ", with: " and ")
    }
    // "1.0:1.0" is a ratio of whole numbers.
    return name == "planned allocation" ? choice.replacing(".0", with: "") : choice
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
    "re-drawn design": Label("design drawn again", nb: "design trukket på nytt"),
    "draws": Label("draws", nb: "trekninger"),
    "Monte-Carlo error of p": Label("Monte-Carlo error of p", nb: "Monte Carlo-feil for p"),
    "Monte-Carlo error of the limits": Label(
      "Monte-Carlo error of the limits", nb: "Monte Carlo-feil for grensene"),
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
    "transform of time": Label("transform of time", nb: "tidstransformasjon"),
    "marginal means": Label("marginal means", nb: "marginale gjennomsnitt"),
    "standardisation target": Label("standardised over", nb: "standardisert over"),
    "term tests": Label("tests of terms", nb: "test av ledd"),
    "replicates": Label("replicates", nb: "gjentrekninger"),
    "multiplicity": Label("multiplicity", nb: "multiplisitet"),
    "adjustment": Label("multiplicity", nb: "multiplisitet"),
    "family": Label("family", nb: "fordeling"),
    "link": Label("link", nb: "lenke"),
    "recurrent events": Label("recurrent events", nb: "gjentatte hendelser"),
    "time scale": Label("time scale", nb: "tidsskala"),
    "landmark": Label("landmark", nb: "landemerke"),
    "weights": Label("weights", nb: "vekter"),
    "tau": Label("horizon", nb: "horisont"),
    "penalty": Label("penalty", nb: "straffeledd"),
    "p": Label("p-values", nb: "p-verdier"),
    "information": Label("information", nb: "informasjon"),
    "bins": Label("bins", nb: "intervaller"),
    "profile": Label("conventions", nb: "konvensjoner"),
    "dispersion": Label("dispersion", nb: "dispersjon"),
    "second part": Label("second part", nb: "andre del"),
    "imputation": Label("imputation", nb: "imputering"),
    "pooling": Label("pooling", nb: "sammenslåing"),
    "assignments": Label("assignments", nb: "fordelinger"),
    "auxiliary variables": Label("auxiliary variables", nb: "hjelpevariabler"),
    "time transform": Label("time transform", nb: "tidstransformasjon"),
    "horizon": Label("horizon", nb: "horisont"),
    "test": Label("test", nb: "test"),
    "standard errors": Label("standard errors", nb: "standardfeil"),
    "covariance structure": Label("covariance of the visits", nb: "kovarians mellom måletidspunkter"),
    "covariance ladder": Label("order of covariance structures", nb: "rekkefølge av kovariansstrukturer"),
    "covariance left": Label("covariance structures left", nb: "forlatte kovariansstrukturer"),
    "baseline means": Label("means at the first visit", nb: "gjennomsnitt ved første måletidspunkt"),
    "likelihood": Label("likelihood", nb: "likelihood"),
    "random effects in standardised means": Label(
      "random effects in standardised means", nb: "tilfeldige effekter i standardiserte gjennomsnitt"),
  ]

  private static let choices: [String: Label] = [
    "excluded": Label("left out", nb: "utelatt"),
    "randomisation test inverted": Label("randomisation test inverted", nb: "invertert randomiseringstest"),
    "simple": Label("simple randomisation", nb: "enkel randomisering"),
    "complete": Label("complete randomisation", nb: "fullstendig randomisering"),
    "stratified": Label("stratified randomisation", nb: "stratifisert randomisering"),
    "minimisation": Label("minimisation", nb: "minimering"),
    "counted as without the event": Label("counted as without the event", nb: "regnet som uten hendelsen"),
    "counted as with the event": Label("counted as with the event", nb: "regnet som med hendelsen"),
    "mean and indicator": Label("mean with an indicator", nb: "gjennomsnitt med indikator"),
    "imputed several times": Label("imputed several times", nb: "imputert flere ganger"),
    "sas": Label("SAS", nb: "SAS"),
    "stata": Label("Stata", nb: "Stata"),
    "r": Label("R", nb: "R"),
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
    "kenward-roger-linear": Label("Kenward–Roger (linear)", nb: "Kenward–Roger (lineær)"),
    "between-within": Label("between–within", nb: "mellom–innen"),
    "us": Label("unstructured", nb: "ustrukturert"),
    "cs": Label("compound symmetric", nb: "sammensatt symmetrisk"),
    "csh": Label(
      "compound symmetric with a variance a visit",
      nb: "sammensatt symmetrisk med én varians per måletidspunkt"),
    "ar1": Label("first-order autoregressive", nb: "autoregressiv av første orden"),
    "ar1h": Label(
      "first-order autoregressive with a variance a visit",
      nb: "autoregressiv av første orden med én varians per måletidspunkt"),
    "toep": Label("Toeplitz", nb: "Toeplitz"),
    "toeph": Label("Toeplitz with a variance a visit", nb: "Toeplitz med én varians per måletidspunkt"),
    "ad": Label("ante-dependent", nb: "antedependent"),
    "adh": Label(
      "ante-dependent with a variance a visit", nb: "antedependent med én varians per måletidspunkt"),
    "equal in the arms": Label("equal in the arms", nb: "like i gruppene"),
    "integrated out": Label("integrated out", nb: "integrert ut"),
    "Laplace": Label("Laplace's approximation", nb: "Laplace-tilnærming"),
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
    "equal-cells": Label("equal weights", nb: "like vekter"),
    "type 3": Label("type III", nb: "type III"),
    "type 2": Label("type II", nb: "type II"),
    "sample": Label("the analysed participants", nb: "de analyserte deltakerne"),
    "REML": Label("REML", nb: "REML"),
    "ML": Label("maximum likelihood", nb: "sannsynlighetsmaksimering"),
    "Greenwood": Label("Greenwood", nb: "Greenwood"),
    "midpoint": Label("midpoint of a stretch at one half", nb: "midten av et stykke på en halv"),
    "events before censorings": Label("events before censorings", nb: "hendelser før sensurering"),
    "percentile, arms resampled apart": Label(
      "bootstrap percentiles, arms resampled apart",
      nb: "bootstrap-persentiler, gruppene trukket hver for seg"),
    "missing outcome": Label("outcome missing", nb: "utfall mangler"),
    "missing outcome or covariate": Label(
      "outcome or covariate missing", nb: "utfall eller kovariat mangler"),
    "missing time or event": Label("time or event missing", nb: "tid eller hendelse mangler"),
    "follow-up ended by the landmark": Label(
      "follow-up ended by the landmark", nb: "oppfølgingen var over ved landemerket"),
    "missing time or event; follow-up ended by the landmark": Label(
      "time or event missing, or follow-up ended by the landmark",
      nb: "tid eller hendelse mangler, eller oppfølgingen var over ved landemerket"),
    "missing outcome; follow-up ended by the landmark": Label(
      "outcome missing, or follow-up ended by the landmark",
      nb: "utfall mangler, eller oppfølgingen var over ved landemerket"),
    "missing outcome or covariate; follow-up ended by the landmark": Label(
      "outcome or covariate missing, or follow-up ended by the landmark",
      nb: "utfall eller kovariat mangler, eller oppfølgingen var over ved landemerket"),
    "no row without missing values": Label(
      "no row without missing values", nb: "ingen rad uten manglende verdier"),
    "identity": Label("untransformed time", nb: "tid uten transformasjon"),
    "rank": Label("rank of time", nb: "rang av tid"),
    "pooled standard deviation": Label("pooled standard deviation", nb: "felles standardavvik"),
    "penalised likelihood ratio": Label("penalised likelihood ratio", nb: "straffet likelihood-ratio"),
    "midpoint-between-events": Label(
      "midpoint of a stretch at one half between two events",
      nb: "midten av et stykke på en halv mellom to hendelser"),
    "first": Label("first time at one half or below", nb: "første tid på en halv eller under"),
    "below": Label("first time below one half", nb: "første tid under en halv"),
    "logit": Label("logit transformation", nb: "logit-transformasjon"),
    "Jeffreys (Firth)": Label("Jeffreys (Firth)", nb: "Jeffreys (Firth)"),
    "Andersen-Gill": Label("Andersen–Gill", nb: "Andersen–Gill"),
    "Prentice-Williams-Peterson, total time": Label(
      "Prentice–Williams–Peterson, total time", nb: "Prentice–Williams–Peterson, total tid"),
    "Prentice-Williams-Peterson, gap time": Label(
      "Prentice–Williams–Peterson, gap time", nb: "Prentice–Williams–Peterson, tid mellom hendelser"),
    "since the start of follow-up": Label("since the start of follow-up", nb: "siden oppfølgingens start"),
    "since the event before": Label("since the event before", nb: "siden forrige hendelse"),
    "since the landmark": Label("since the landmark", nb: "siden landemerket"),
    "Jeffreys": Label("Jeffreys", nb: "Jeffreys"),
    "poisson": Label("Poisson", nb: "Poisson"),
    "negative binomial": Label("negative binomial", nb: "negativ binomisk"),
    "missing value": Label("value missing", nb: "verdi mangler"),
    "square root of the averaged variances": Label(
      "square root of the averaged variances", nb: "kvadratroten av gjennomsnittet av variansene"),
    "square root of the averaged variances p(1 - p)": Label(
      "square root of the averaged variances p(1 − p)",
      nb: "kvadratroten av gjennomsnittet av variansene p(1 − p)"),
    "Mahalanobis distance of the levels": Label(
      "Mahalanobis distance of the levels", nb: "Mahalanobis-avstand mellom nivåene"),
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
    "log-rank test": Label("Log-rank test", nb: "Log-rank-test"),
    "stratified log-rank test": Label("Stratified log-rank test", nb: "Stratifisert log-rank-test"),
    "G-rho test": Label("G-rho test", nb: "G-rho-test"),
    "Gehan-Breslow test": Label("Gehan–Breslow test", nb: "Gehan–Breslow-test"),
    "Tarone-Ware test": Label("Tarone–Ware test", nb: "Tarone–Ware-test"),
    "Peto-Peto test": Label("Peto–Peto test", nb: "Peto–Peto-test"),
    "modified Peto-Peto test": Label("Modified Peto–Peto test", nb: "Modifisert Peto–Peto-test"),
    "Fleming-Harrington test": Label("Fleming–Harrington test", nb: "Fleming–Harrington-test"),
    "MaxCombo test": Label("MaxCombo test", nb: "MaxCombo-test"),
    "stratified MaxCombo test": Label("Stratified MaxCombo test", nb: "Stratifisert MaxCombo-test"),
    "Andersen-Gill regression": Label("Andersen–Gill regression", nb: "Andersen–Gill-regresjon"),
    "Prentice-Williams-Peterson regression": Label(
      "Prentice–Williams–Peterson regression", nb: "Prentice–Williams–Peterson-regresjon"),
    "Firth's Cox regression": Label("Firth's Cox regression", nb: "Firths Cox-regresjon"),
    "Gray's test": Label("Gray's test", nb: "Grays test"),
    "linear regression": Label("Linear regression", nb: "Lineær regresjon"),
    "logistic regression": Label("Logistic regression", nb: "Logistisk regresjon"),
    "mixed logistic regression": Label(
      "Mixed logistic regression", nb: "Logistisk regresjon med tilfeldige effekter"),
    "mixed Poisson regression": Label(
      "Mixed Poisson regression", nb: "Poisson-regresjon med tilfeldige effekter"),
    "mixed negative binomial regression": Label(
      "Mixed negative binomial regression", nb: "Negativ binomisk regresjon med tilfeldige effekter"),
    "Firth logistic regression": Label("Firth's logistic regression", nb: "Firths logistiske regresjon"),
    "Poisson regression": Label("Poisson regression", nb: "Poisson-regresjon"),
    "negative binomial regression": Label("Negative binomial regression", nb: "Negativ binomisk regresjon"),
    "bootstrap": Label("Bootstrap", nb: "Bootstrap"),
    "randomisation-test": Label("Randomisation test", nb: "Randomiseringstest"),
    "re-randomisation": Label("Re-randomisation test", nb: "Re-randomiseringstest"),
    "exact multinomial": Label("Exact multinomial test", nb: "Eksakt multinomisk test"),
    "Welch t": Label("Welch's t test", nb: "Welchs t-test"),
    "Wilcoxon rank-sum": Label("Wilcoxon's rank-sum test", nb: "Wilcoxons rangsumtest"),
    "F": Label("F test", nb: "F-test"),
    "likelihood-ratio": Label("Likelihood-ratio test", nb: "Likelihood-ratio-test"),
    "score": Label("Score test", nb: "Skåretest"),
    "wald": Label("Wald test", nb: "Wald-test"),
    "proportional-hazards": Label("Proportional hazards", nb: "Proporsjonale hasarder"),
    "interaction": Label("Arm by visit", nb: "Gruppe × måletidspunkt"),
    "equal-risks": Label("Equal risks", nb: "Like risikoer"),
  ]
}
