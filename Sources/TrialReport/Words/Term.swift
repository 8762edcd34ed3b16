import Inference
import TrialAnalysis

/// A word or short phrase of the reports in every language; the one place where they stand.
///
/// The Norwegian terms are those of Tidsskriftet and of the Norwegian editions of reporting guidelines: oddsratio,
/// hasardratio, konfidensintervall (KI), p-verdi, under risiko.
struct Term: Sendable, Equatable {
  let label: Label

  init(_ english: String, _ norwegian: String) { label = Label(english, nb: norwegian) }

  // MARK: Statistics

  static let confidenceInterval = Term("CI", "KI")
  static let pValue = Term("p-value", "p-verdi")
  static let estimate = Term("Estimate", "Estimat")
  static let standardError = Term("SE", "SE")
  static let degreesOfFreedom = Term("df", "df")
  static let statistic = Term("Statistic", "Observator")
  static let test = Term("Test", "Test")
  static let mean = Term("Mean", "Gjennomsnitt")
  static let meanSD = Term("Mean (SD)", "Gjennomsnitt (SD)")
  static let meanSDSuffix = Term(", mean (SD)", ", gjennomsnitt (SD)")
  static let medianQuartiles = Term("Median (quartiles)", "Median (kvartiler)")
  static let medianSuffix = Term(", median (quartiles)", ", median (kvartiler)")
  static let countPercentSuffix = Term(", n (%)", ", n (%)")
  static let fractionSuffix = Term(", n/N (%)", ", n/N (%)")
  static let missing = Term("Missing, n", "Mangler, n")
  static let difference = Term("Difference", "Differanse")
  static let contrastWord = Term("Comparison", "Sammenligning")
  static let shareZero = Term("Exactly zero", "Nøyaktig null")
  static let zero = Term("Zero", "Null")
  static let standardisedDifference = Term("Standardised difference", "Standardisert differanse")
  static let standardisedDifferenceNote = Term(
    "Difference between the arms in units of the standard deviation; it describes the allocation and tests nothing.",
    "Forskjell mellom gruppene i enheter av standardavviket; den beskriver fordelingen og tester ingenting.")
  static let largestDifferences = Term("Standardised differences", "Standardiserte differanser")
  static let intercept = Term("Intercept", "Konstantledd")
  static let variance = Term("Variance", "Varians")
  static let residual = Term("residual", "residual")
  static let correlation = Term("Correlation", "Korrelasjon")
  static let varianceHeading = Term("Random effects and fit", "Tilfeldige effekter og tilpasning")
  static let remlCriterion = Term("REML criterion", "REML-kriterium")
  static let deviance = Term("Deviance (−2 log-likelihood)", "Devians (−2 log-likelihood)")
  static let logLikelihood = Term("Log-likelihood", "Log-likelihood")
  static let logScale = Term("logarithmic scale", "logaritmisk skala")
  static let modelWord = Term("model", "modell")
  static let term = Term("Term", "Ledd")
  static let standardisedMean = Term("Mean, standardised", "Gjennomsnitt, standardisert")
  static let standardisedHeading = Term(
    "Standardised over the participants", "Standardisert over deltakerne")
  static let proportionalHeading = Term("Test of proportional hazards", "Test av proporsjonale hasarder")
  static let allTerms = Term("All terms", "Alle ledd")
  static let crude = Term("Crude", "Ujustert")
  static let adjusted = Term("Adjusted", "Justert")

  // MARK: Participants

  static let all = Term("All", "Alle")
  static let stage = Term("Stage", "Trinn")
  static let participants = Term("Participants", "Deltakere")
  static let observations = Term("Observations", "Observasjoner")
  static let numberOfParticipants = Term("Number of participants", "Antall deltakere")
  static let participantsWithValue = Term("Participants with a value", "Deltakere med verdi")
  static let assessed = Term("Assessed for eligibility", "Vurdert for deltakelse")
  static let notRandomised = Term("Not randomised", "Ikke randomisert")
  static let randomised = Term("Randomised", "Randomisert")
  static let allocated = Term("Allocated", "Tildelt")
  static let leftSet = Term("Left the analysis set", "Ute av analysesettet")
  static let seenAt = Term("Seen at", "Møtte ved")
  static let followUp = Term("Follow-up", "Oppfølging")
  static let noOutcome = Term("No outcome data", "Uten utfallsdata")
  static let analysed = Term("Analysed", "Analysert")
  static let analysisSet = Term("Analysis set", "Analysesett")
  static let characteristic = Term("Characteristic", "Kjennetegn")
  static let armSpanner = Term("Arm", "Gruppe")
  static let received = Term("Received the intervention", "Fikk tiltaket")
  static let notReceived = Term("Did not receive the intervention", "Fikk ikke tiltaket")
  static let lost = Term("Lost to follow-up", "Tapt for oppfølging")
  static let discontinued = Term("Discontinued the intervention", "Avbrøt tiltaket")
  static let lossSection = Term("Losses", "Frafall")
  static let stated = Term("As stated elsewhere", "Som oppgitt annet sted")
  static let check = Term("Check", "Kontroll")
  static let allocation = Term("Allocated", "Tildelt")
  static let allocatedByStratum = Term("Allocated, by stratum", "Tildelt, etter stratum")
  static let omnibusBalance = Term(
    "Balance of all baseline variables", "Balanse over alle kjennetegn ved start")
  static let missingOutcome = Term("Outcome missing", "Utfall mangler")
  static let loveTitle = Term(
    "Standardised differences at baseline", "Standardiserte differanser ved start")
  static let outcome = Term("Outcome", "Utfall")
  static let definition = Term("Definition", "Definisjon")

  // MARK: Time

  static let days = Term("days", "dager")
  static let visit = Term("Visit", "Måletidspunkt")
  static let timeSinceRandomisation = Term("Time since randomisation", "Tid siden randomisering")
  static let atRisk = Term("Number at risk", "Antall under risiko")
  static let eventsWord = Term("events", "hendelser")
  static let eventsOfParticipants = Term("Events, n/N (%)", "Hendelser, n/N (%)")
  static let observedEvents = Term("Events observed", "Observerte hendelser")
  static let expectedEvents = Term("Events expected", "Forventede hendelser")
  static let medianTime = Term("Median time", "Mediantid")
  static let notReached = Term("not reached", "ikke nådd")
  static let withoutEvent = Term("Without the event", "Uten hendelsen")
  static let shareWithoutEvent = Term("Share without the event", "Andel uten hendelsen")
  static let cumulativeIncidence = Term("Cumulative incidence", "Kumulativ insidens")
  static let restrictedMean = Term("Restricted mean time", "Begrenset gjennomsnittstid")
  static let meanCumulative = Term("Mean number of events", "Gjennomsnittlig antall hendelser")
  static let estimatedMean = Term("Estimated mean", "Estimert gjennomsnitt")
  static let censorMarkNote = Term("Small strokes: censored.", "Små streker: sensurert.")

  // MARK: Published values

  static let publishedTitle = Term("Comparison with published values", "Sammenligning med publiserte tall")
  static let conventionsTitle = Term("Conventions of other software", "Konvensjoner i annen programvare")
  static let quantity = Term("Quantity", "Størrelse")
  static let published = Term("Published", "Publisert")
  static let thisRun = Term("This analysis", "Denne analysen")
  static let thisRunSimulated = Term("This analysis (simulated data)", "Denne analysen (simulerte data)")
  static let simulatedNote = Term(
    "The data of this analysis are simulated: the two columns need not agree, and no difference between them is a finding.",
    "Dataene i denne analysen er simulerte: kolonnene trenger ikke stemme overens, og ingen forskjell mellom dem er et funn."
  )

  // MARK: The page

  static let keyResult = Term("Key result", "Hovedresultat")
  static let contents = Term("Contents", "Innhold")
  static let flowSection = Term("Participant flow", "Deltakerflyt")
  static let randomisationSection = Term("Randomisation", "Randomisering")
  static let baselineSection = Term("Baseline characteristics", "Kjennetegn ved start")
  static let primarySection = Term("Primary outcome", "Primærutfall")
  static let secondarySection = Term("Secondary outcomes", "Sekundærutfall")
  static let timeSection = Term("Time to event", "Tid til hendelse")
  static let repeatedSection = Term("Repeated measurements", "Gjentatte målinger")
  static let sensitivitySection = Term("Sensitivity analyses", "Sensitivitetsanalyser")
  static let methodsSection = Term("Statistical methods", "Statistiske metoder")
  static let warningsSection = Term("Warnings", "Advarsler")
  static let noWarnings = Term("No analysis gave a warning.", "Ingen analyse ga advarsler.")
  static let provenanceSection = Term("Provenance", "Opphav")
  static let estimandsHeading = Term("Estimands", "Estimander")
  static let simulatedBanner = Term(
    "Simulated data. Nothing on this page is a finding about people.",
    "Simulerte data. Ingenting på denne siden er funn om mennesker.")
  static let notDone = Term(
    "This analysis could not be carried out", "Denne analysen kunne ikke gjennomføres")
  static let table = Term("Table", "Tabell")
  static let figure = Term("Figure", "Figur")
  static let file = Term("File", "Fil")
  static let rows = Term("Rows", "Rader")
  static let plan = Term("Plan", "Plan")
  static let software = Term("Software", "Programvare")
  static let seed = Term("Seed", "Startverdi")
  static let registration = Term("Registration", "Registrering")
  static let dataSource = Term("Data", "Data")
  static let sets = Term("Analysis sets", "Analysesett")
  static let treatment = Term("Treatment", "Behandling")
  static let population = Term("Population", "Populasjon")
  static let variable = Term("Variable", "Variabel")
  static let intercurrent = Term("Intercurrent events", "Interkurrente hendelser")
  static let summary = Term("Summary measure", "Effektmål")

  /// What a fit that is not clean is called in a note.
  static func status(_ status: FitStatus) -> Term {
    switch status {
    case .ok: Term("", "")
    case .boundary:
      Term(
        "A parameter of this fit lies at the limit of its range.",
        "En parameter i denne tilpasningen ligger på grensen av sitt område.")
    case .singular:
      Term(
        "Singular fit: a variance of the model is estimated as zero, or a correlation as ±1.",
        "Singulær tilpasning: en varians i modellen er estimert til null, eller en korrelasjon til ±1.")
    case .separated:
      Term(
        "Separated: the outcome is predicted perfectly, and the estimate has no finite value.",
        "Separasjon: utfallet forutsies fullstendig, og estimatet har ingen endelig verdi.")
    case .notConverged:
      Term(
        "Not shown: the fit did not converge.", "Vises ikke: tilpasningen konvergerte ikke.")
    }
  }

  /// The full name of what an estimate measures; nil for measures that a view names by itself.
  static func measure(_ measure: Result.Measure) -> Term? {
    switch measure {
    case .risk: Term("Risk", "Risiko")
    case .riskDifference: Term("Risk difference, percentage points", "Risikodifferanse, prosentpoeng")
    case .riskRatio: Term("Risk ratio", "Relativ risiko")
    case .oddsRatio: Term("Odds ratio", "Oddsratio")
    case .hazardRatio: Term("Hazard ratio", "Hasardratio")
    case .rateRatio: Term("Rate ratio", "Rateratio")
    case .meanRatio: Term("Ratio of means", "Ratio mellom gjennomsnitt")
    case .meanDifference: Term("Difference in means", "Differanse i gjennomsnitt")
    case .coefficient: Term("Coefficient", "Koeffisient")
    case .numberNeededToTreat: Term("Number needed to treat", "Antall som må behandles (NNT)")
    case .restrictedMean: Term("Restricted mean time", "Begrenset gjennomsnittstid")
    case .restrictedMeanDifference:
      Term("Difference in restricted mean time", "Differanse i begrenset gjennomsnittstid")
    case .restrictedMeanRatio:
      Term("Ratio of restricted mean times", "Ratio mellom begrensede gjennomsnittstider")
    case .standardisedDifference: Term("Standardised difference", "Standardisert differanse")
    case .mean, .marginalMean: Term("Mean", "Gjennomsnitt")
    case .median: Term("Median", "Median")
    case .medianTime: Term("Median time", "Mediantid")
    case .survival: Term("Without the event", "Uten hendelsen")
    case .cumulativeIncidence: Term("Cumulative incidence", "Kumulativ insidens")
    case .meanCumulative: Term("Mean number of events", "Gjennomsnittlig antall hendelser")
    default: nil
    }
  }

  /// The short name for the heading of a column.
  static func shortMeasure(_ measure: Result.Measure) -> Term? {
    switch measure {
    case .oddsRatio: Term("OR", "OR")
    case .hazardRatio: Term("HR", "HR")
    case .riskRatio: Term("RR", "RR")
    case .rateRatio: Term("Rate ratio", "Rateratio")
    case .meanRatio: Term("Ratio", "Ratio")
    case .coefficient: Term("Coefficient", "Koeffisient")
    case .meanDifference, .riskDifference: Term("Difference", "Differanse")
    default: nil
    }
  }
}
