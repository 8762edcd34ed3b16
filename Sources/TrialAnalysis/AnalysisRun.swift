import Inference
import ModelFitting
import TrialData

/// A text in the languages of the reports.
///
/// Names in records are codes; what a reader sees in their place is a label, and only views look labels up.
public struct Label: Sendable, Equatable {
  public var english: String
  /// Norwegian bokmål.
  public var norwegian: String

  /// - Parameter norwegian: the English text where it is left out.
  public init(_ english: String, nb norwegian: String? = nil) {
    self.english = english
    self.norwegian = norwegian ?? english
  }
}

/// What the trial measured under one name, as a view shows it.
public struct VariableLabel: Sendable, Equatable {
  public var name: String
  public var label: Label
  /// The unit of a numeric variable, such as `years` (in both languages).
  public var unit: Label?
  /// The levels of a categorical variable in order, by code.
  public var levels: [Level]

  /// One level of a categorical variable.
  public struct Level: Sendable, Equatable {
    public var code: String
    public var label: Label

    public init(_ code: String, _ label: Label) {
      self.code = code
      self.label = label
    }
  }

  public init(_ name: String, _ label: Label, unit: Label? = nil, levels: [Level] = []) {
    self.name = name
    self.label = label
    self.unit = unit
    self.levels = levels
  }
}

/// What an analysis does; it decides which records there are and how a report shows them.
///
/// The vocabulary of the records, by kind. `group` holds an arm's code (nil: all arms together), `term` is as given here:
/// - `flow`: `count` records in the order of the diagram. Before allocation without a group: `assessed`,
///   `not-randomised`, `not-randomised=<reason>`, `randomised`. After it one an arm: `allocated`, `received`,
///   `not-received`, `lost` and `discontinued` with `=<reason>` (zero rows kept), `left=<reason>`
///   (participants who leave the analysis set, zero rows kept), `followed=<visit>` (seen at a visit, by the visit's
///   number), `no-outcome` (in the set but without outcome data), `analysed`. `stated` holds numbers from elsewhere.
/// - `randomisation`: `count`/`share` an arm with term `allocation`; `count` an arm with term
///   `stratum=<variable>=<level>`; `test` records with terms `allocation` (ratio as
///   planned), `balance` (omnibus) and `missing-outcome`; `standardisedDifference` with a baseline variable as term;
///   `count` with term `missing-outcome=<outcome>` an arm (`n` the denominator), and a `test` with the same term; the audit
///   as `test` with term `check=<id>` (verdict, lines and design among the conventions), and `count` with `blocks=<stratum>`.
/// - `baseline`: numeric variable as term with `count` (known values), `mean`, `standardDeviation`, `median`,
///   `lowerQuartile`, `upperQuartile`, `minimum`, `maximum`; categorical `<variable>=<level>` with `count` (`n` the
///   denominator); `<variable>=` with `count` for missing values; `standardisedDifference` with `<variable>`.
/// - `risk`: `risk` an arm (`events`, `n`, limits); `riskDifference`, `riskRatio`, `oddsRatio`, `numberNeededToTreat` as
///   contrasts; `test` with the test's name as `method`.
/// - `logistic`, `linear`, `counts`, `cox`: effects with the coefficient's name as term and, for the effect of the arm,
///   the contrast too; variants `crude` and `adjusted`; `test` with terms such as `likelihood-ratio`, `score`, `wald`,
///   and in a Cox model `proportional-hazards` and `proportional-hazards=<term>`.
/// - `kaplanMeier`: `survival` with term `curve` at each step from time 0 (`n` at risk just before, `events`, limits);
///   `censored` with term `curve` (estimate: how many); `atRisk`, and `events` up to then, with term `table` at the times
///   of the table under the axis; `survival` with term `horizon` at the plan's horizons; `medianTime`; `events`.
/// - `cumulativeIncidence`: as `kaplanMeier` with `cumulativeIncidence` in place of `survival`; terms carry the cause as
///   `curve=<cause>` (from 0 to the end of follow-up) and `horizon=<cause>`; `events` an arm and Gray's `test` have the
///   cause as term.
/// - `logRank`: `test`; `events` an arm with terms `observed` and `expected`.
/// - `restrictedMean`: `restrictedMean` an arm, `restrictedMeanDifference`, `restrictedMeanRatio`, each with its horizon
///   as time.
/// - `meanCumulative`: `meanCumulative` an arm with terms `curve` (`n` at risk just before, `events` at the time) and
///   `horizon`; `meanDifference` and `meanRatio` with term `horizon`; `events` an arm; `atRisk` with term `table`.
/// - `means`: `mean`, `standardDeviation`, `median`, `lowerQuartile`, `upperQuartile`, `share` with term `zero` an arm;
///   `meanDifference` as a contrast (variants `crude`, `adjusted`); `test`. A distribution is `count` with term
///   `bin`, `time` the lower edge of the bin (bins of equal width; zero alone in `bin-zero`).
/// - `generalisedMixedModel`: as `logistic` or `counts`, with `varianceComponent` and `correlation` as `mixedModel`; means
///   with term `standardised` are integrated over the random effects.
/// - `repeatedMeasures`: as `mixedModel`; the covariance of the visits as `varianceComponent` with `visit=<visit>` and
///   `correlation` with `visit=<visit>:visit=<visit>`, behind `<arm>:` where each arm has one.
/// - `twoPart`: `share` with term `zero` and `mean` with term `standardised` an arm; `meanDifference` and `meanRatio` as
///   contrasts, each again in a part `bootstrap`.
/// - `mixedModel`: fixed effects as `coefficient`; `varianceComponent` and `correlation` with `<group>:<term>`
///   (estimate: the variance, `Residual` last); `criterion` (REML criterion or deviance); `marginalMean` an arm and visit,
///   `meanDifference` a contrast and visit, `mean` (observed, with `n`) an arm and visit, all with `visit` as term and
///   its number as time; `test` of the interaction with term `interaction`.
public enum AnalysisKind: String, Sendable, CaseIterable {
  case flow
  case randomisation
  case baseline
  case risk
  case logistic
  case linear
  case counts
  case means
  case twoPart = "two-part"
  case kaplanMeier = "km"
  case logRank = "logrank"
  case cox
  case cumulativeIncidence = "cuminc"
  case restrictedMean = "rmst"
  case meanCumulative = "mcf"
  case mixedModel = "lmm"
  case repeatedMeasures = "mmrm"
  case generalisedMixedModel = "glmm"
}

/// One analysis of the plan with its records.
public struct CompletedAnalysis: Sendable, Equatable {
  /// The rank the plan gave the analysis.
  public enum Role: String, Sendable, CaseIterable {
    case primary
    case secondary
    case sensitivity
    case descriptive
  }

  public var id: String
  public var kind: AnalysisKind
  public var role: Role
  public var title: Label
  /// The outcome, where there is one.
  public var outcome: VariableLabel?
  /// The analysis set, in words.
  public var population: Label?
  /// Every variable the records name, in the order a table shows them.
  public var variables: [VariableLabel]
  /// Words for the codes in terms that name no variable: reasons of a flow, visits, causes.
  public var words: [VariableLabel.Level]
  /// The unit of `time`, such as `days`.
  public var timeUnit: Label?
  /// Covariates of the adjusted variant, by name.
  public var covariates: [String]
  /// The parts (`crude`, `adjusted`, a sensitivity set) in the plan's order; empty where there is one part.
  public var variants: [VariableLabel.Level]
  /// True where each part is the outcome by another definition.
  public var isByDefinition = false
  /// The estimand's id, where the plan names one.
  public var estimand: String?
  /// True where a run without a usable fit ends with exit code 4.
  public var isRequired: Bool
  /// The worst status among the fits.
  public var status: FitStatus
  /// Why there are no numbers, where the analysis could not be carried out at all.
  public var failure: String?
  /// A note of the plan's, to print under the tables.
  public var note: Label?
  public var results: [Result]
  public var warnings: [String]

  public init(
    id: String, kind: AnalysisKind, role: Role, title: Label, results: [Result] = []
  ) {
    variants = []
    isRequired = false
    status = .ok
    self.id = id
    self.kind = kind
    self.role = role
    self.title = title
    variables = []
    words = []
    covariates = []
    self.results = results
    warnings = []
  }
}

/// A value printed elsewhere that a report sets beside its own.
public struct PublishedValue: Sendable, Equatable {
  public var label: Label
  /// The record of this run it is to be read beside, by `Result.id`; nil where there is none.
  public var resultID: String?
  public var measure: Result.Measure
  public var estimate: Double
  public var low: Double?
  public var high: Double?
  /// Author, journal, year, DOI.
  public var source: String

  public init(
    _ label: Label, measure: Result.Measure, estimate: Double, low: Double? = nil, high: Double? = nil,
    source: String, resultID: String? = nil
  ) {
    self.label = label
    self.measure = measure
    self.estimate = estimate
    self.low = low
    self.high = high
    self.source = source
    self.resultID = resultID
  }
}

/// Everything one run of a plan has found out, ready to be written.
public struct AnalysisRun: Sendable, Equatable {
  /// An arm by its code in the data.
  public struct Arm: Sendable, Equatable {
    public var code: String
    public var label: Label

    public init(_ code: String, _ label: Label) {
      self.code = code
      self.label = label
    }
  }

  /// A file that was read.
  public struct Input: Sendable, Equatable {
    public var file: String
    /// Hexadecimal SHA-256 of the bytes as read.
    public var sha256: String
    public var rows: Int
    /// How many rows share the quasi-identifiers that the codebook declares; nil where it declares none.
    public var anonymity: Anonymity?

    public init(file: String, sha256: String, rows: Int, anonymity: Anonymity? = nil) {
      self.file = file
      self.sha256 = sha256
      self.rows = rows
      self.anonymity = anonymity
    }
  }

  public var title: Label
  /// The trial's short name, as in `results.json`.
  public var trial: String
  /// The registration, such as `NCT04289415`.
  public var registration: String?
  /// True where the plan says that the data are simulated; every page of a report then says so.
  public var isSimulated: Bool
  /// Where the data come from, in words.
  public var dataSource: Label?
  /// In the plan's order; the first is the reference of every contrast.
  public var arms: [Arm]
  public var planSHA256: String
  /// The codebook's file as the plan names it; it is the last of the inputs.
  public var codebookFile: String
  public var inputs: [Input]
  /// In the plan's order.
  public var analyses: [CompletedAnalysis]
  public var published: [PublishedValue]
  /// The equations between the numbers of participants, all of which hold.
  public var equations: [FlowEquation]
  public var warnings: [String]
  /// The version of the software, as `hekta --version` prints it.
  public var softwareVersion: String
  public var seed: Int?
  /// The language the plan asks for; the command line may ask for another.
  public var language: Language
  /// The analysis sets, in the plan's order.
  public var sets: [AnalysisSetSize]
  /// The estimands, in the plan's order.
  public var estimands: [Estimand]
  /// The tables and figures to make, in order; empty means one of every analysis that has one.
  public var outputs: [Output]
  /// How numbers are rounded when written.
  public var rounding: Rounding
  /// The software whose defaults decided what the plan left open.
  public var conventions: ConventionProfile?
  /// The software whose numbers the records carry beside their own.
  public var also: ConventionProfile?
  /// Counts above zero and below this are not printed; records it hides are marked `isSuppressed`. 0 prints all.
  public var suppressionFloor: Int

  public init(
    title: Label, trial: String, arms: [Arm], planSHA256: String, softwareVersion: String
  ) {
    self.title = title
    self.trial = trial
    isSimulated = false
    self.arms = arms
    self.planSHA256 = planSHA256
    codebookFile = ""
    inputs = []
    analyses = []
    published = []
    equations = []
    warnings = []
    self.softwareVersion = softwareVersion
    language = .english
    sets = []
    estimands = []
    outputs = []
    rounding = Rounding()
    suppressionFloor = 0
  }

  /// Every record in the order of the plan.
  public var results: [Result] { analyses.flatMap(\.results) }
}
