import ModelFormula

/// What a call of `hekta fit` asks for beyond the model and its formula; a plan's analyses fill the same fields.
///
/// Choices are held as the command line spells them in types that admit no other spelling. A model refuses an option
/// that has no meaning for it (`allow(_:for:)`), so that none is ever silently ignored.
public struct FitOptions: Sendable {
  /// The confidence level of limits, between 0 and 1.
  public var confidenceLevel = 0.95
  /// The software whose defaults fill in what is left open; nil keeps the models' own defaults.
  public var conventions: ConventionProfile?
  /// A second software whose numbers are set beside the first.
  public var alsoConventions: ConventionProfile?
  /// The column of prior weights.
  public var weights: String?
  /// The row filter, an expression over the columns.
  public var filter: String?
  /// Print exp(estimate) and the exponentials of its limits.
  public var exponentiate = false
  /// Heteroscedasticity-consistent covariance.
  public var robust: Robust?
  /// The column whose values make the clusters of a sandwich covariance.
  public var cluster: String?
  /// The small-sample correction of a covariance over clusters; nil is the model's default, as `sandwich::vcovCL`.
  public var clusterCorrection: ClusterCorrection?
  /// The information that the model-based covariance inverts.
  public var information: Information?
  /// How the dispersion of a generalised linear model is estimated; nil is Pearson's statistic over its degrees of freedom.
  public var dispersion: Dispersion?
  /// The divisors of the moments of a GEE; nil counts observations.
  public var moments: Moments?
  /// The tolerance below which a column of least squares counts as dependent on others; nil is R's 1e-7.
  public var tolerance: Double?
  /// How limits of coefficients are found; nil is the model's default.
  public var limits: Limits?
  /// The type of sums of squares or hypotheses of the terms: 2 or 3.
  public var anova: Int?
  /// Marginal-means specifications: `~ a`, `~ a | b`, `pairwise ~ a`, `pairwise ~ a | b`.
  public var marginalMeans: [String] = []
  /// The multiplicity adjustment of contrasts.
  public var adjustment = Adjustment.none
  /// The variable to standardise over (g-computation).
  public var standardise: String?
  /// What the standard errors of standardised risks refer to; nil is the rows at hand.
  public var standardisationTarget: StandardisationTarget?
  /// New data to predict for.
  public var predict: DataFrame?
  /// Predict on the scale of the linear predictor.
  public var predictLink = false

  /// The family of a generalised model.
  public var family: Family?
  /// The link function; nil is the family's default.
  public var link: String?
  /// Quantiles of a quantile regression, or the one horizon of a restricted mean.
  public var taus: [Double] = []
  /// The standard error of a quantile regression.
  public var quantileError: QuantileError?
  /// The replicates of a bootstrap.
  public var draws: Int?
  /// The seed of a bootstrap.
  public var seed: Int?
  /// How bootstrap samples of a quantile regression are drawn.
  public var bootstrapScheme: BootstrapScheme?
  /// The column of subjects (GEE).
  public var id: String?
  /// The working correlation (GEE).
  public var correlation: WorkingCorrelation?

  /// The transform of Kaplan–Meier limits.
  public var survivalLimits: SurvivalLimits?
  /// Times at which a curve is read.
  public var times: [Double] = []
  /// The exponent of the G-rho family of log-rank tests.
  public var rho: Double?
  /// Ties in a Cox model.
  public var ties: Ties?
  /// The transform of time in the proportional-hazards test; nil for no test.
  public var zph: ZPHTransform?
  /// Add the cumulative baseline hazard.
  public var baseline = false
  /// The baseline hazard at the covariates' means rather than at zero.
  public var centered = false
  /// A frailty term.
  public var frailty: Frailty?
  /// The distribution of an accelerated failure time model.
  public var distribution: FailureDistribution?
  /// The cause of interest in a competing-risks model.
  public var cause: Int?
  /// What only models of event times are asked for.
  public var survival = SurvivalOptions()

  /// Restricted maximum likelihood (true), maximum likelihood (false), or the model's default (nil).
  public var restricted: Bool?
  /// Degrees of freedom of a mixed model.
  public var degreesOfFreedom: DegreesOfFreedom?
  /// Add the conditional modes of the random effects.
  public var randomEffects = false
  /// Quadrature points of a generalised mixed model; 1 is the Laplace approximation.
  public var quadraturePoints: Int?
  /// Simpler covariance structures to turn to, in order, where one has no fit (MMRM).
  public var covarianceFallback: [CovarianceTerm.Structure] = []
  /// Hold the arms' means equal at the first visit (constrained longitudinal analysis).
  public var equalBaseline: EqualBaseline?
  /// The formula of a smaller model to compare with by a likelihood-ratio test (mixed models).
  public var against: String?

  /// Leave out figures that describe a fit and enter no estimate, limit or test of it (the concordance of a Cox model):
  /// for a model fitted thousands of times.
  public var isBrief = false
  /// A bootstrap of the coefficients.
  public var bootstrap: Bootstrap?
  /// The rows are several completed tables, whose coefficients are pooled.
  public var imputed: Imputed?
  /// Told how far a long computation is: the parts done, of how many.
  public var progress: (@Sendable (_ done: Int, _ of: Int) -> Void)?

  public init() {}

  /// A sandwich covariance over rows.
  public enum Robust: String, Sendable, CaseIterable {
    case hc0 = "HC0"
    case hc1 = "HC1"
    case hc2 = "HC2"
    case hc3 = "HC3"
    /// The sandwich by row that a bare `--robust` asks of a Cox model.
    case row
  }

  /// Small-sample corrections of a covariance over clusters, as `clubSandwich::vcovCR` names them.
  public enum ClusterCorrection: String, Sendable, CaseIterable {
    case cr0 = "CR0"
    case cr1 = "CR1"
    case cr1p = "CR1p"
    case cr1s = "CR1S"
    case cr2 = "CR2"
    case cr3 = "CR3"
  }

  /// The information whose inverse is the covariance.
  public enum Information: String, Sendable, CaseIterable { case expected, observed }

  /// How a dispersion is estimated.
  public enum Dispersion: String, Sendable, CaseIterable {
    case pearson
    case maximumLikelihood = "ml"
  }

  /// What the moments of a GEE are divided by.
  public enum Moments: String, Sendable, CaseIterable {
    /// The number of observations or pairs (geepack).
    case observations
    /// That number less the number of coefficients (SAS GENMOD).
    case residual
  }

  /// What standardised risks are uncertain about.
  public enum StandardisationTarget: String, Sendable, CaseIterable { case sample, population }

  /// How bootstrap samples are drawn.
  public enum BootstrapScheme: String, Sendable, CaseIterable {
    /// Rows with replacement.
    case rows
    /// Every row with a random weight of mean 1 (exponential).
    case weights
  }

  /// How limits of coefficients are found.
  public enum Limits: String, Sendable, CaseIterable { case wald, profile }

  /// Multiplicity adjustments of a family of contrasts.
  public enum Adjustment: String, Sendable, CaseIterable { case none, tukey, holm, bonferroni }

  /// Families of generalised models.
  public enum Family: String, Sendable, CaseIterable {
    case binomial, poisson, gaussian, gamma
    case inverseGaussian = "inverse-gaussian"
    case quasibinomial, quasipoisson
    case negativeBinomial = "negbin"
  }

  /// Standard errors of a quantile regression.
  public enum QuantileError: String, Sendable, CaseIterable { case nid, iid, boot }

  /// Working correlations of a GEE.
  public enum WorkingCorrelation: String, Sendable, CaseIterable {
    case independence, exchangeable, ar1, unstructured
  }

  /// Transforms of Kaplan–Meier limits.
  public enum SurvivalLimits: String, Sendable, CaseIterable {
    case log
    case logLog = "log-log"
    case plain, arcsin, logit
  }

  /// Treatments of tied event times.
  public enum Ties: String, Sendable, CaseIterable { case efron, breslow, exact }

  /// Transforms of time in the proportional-hazards test.
  public enum ZPHTransform: String, Sendable, CaseIterable { case km, rank, identity, log }

  /// Distributions of failure times.
  public enum FailureDistribution: String, Sendable, CaseIterable {
    case weibull, exponential, lognormal, loglogistic, gaussian, logistic
  }

  /// A frailty: its distribution and the column of its groups.
  public struct Frailty: Sendable, Equatable {
    public enum Distribution: String, Sendable, CaseIterable { case gamma, gaussian }
    public let distribution: Distribution
    public let variable: String

    public init(distribution: Distribution, variable: String) {
      self.distribution = distribution
      self.variable = variable
    }
  }

  /// Arms whose means are equal at the first visit: the columns of the arm and, where the model names none itself, of
  /// the visit.
  public struct EqualBaseline: Sendable, Equatable {
    public let arm: String
    public let visit: String?

    public init(arm: String, visit: String? = nil) {
      self.arm = arm
      self.visit = visit
    }
  }

  /// Degrees of freedom of tests in a mixed model.
  public enum DegreesOfFreedom: String, Sendable, CaseIterable {
    case satterthwaite
    case kenwardRoger = "kenward-roger"
    case kenwardRogerLinear = "kenward-roger-linear"
    case residual, normal
    /// The number of clusters less one.
    case clusters
    case betweenWithin = "between-within"
  }
}
