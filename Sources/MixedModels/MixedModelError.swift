import LinearAlgebra

/// Why a mixed model has no meaningful fit.
public enum MixedModelError: Error, Equatable, Sendable, CustomStringConvertible {
  /// There are no observations.
  case noObservations
  /// The model has no random-effect term.
  case noRandomEffects
  /// A value of this part of the data (response, design, weights, offset) is infinite or not a number.
  case notFinite(String)
  /// A prior weight is zero or negative.
  case nonPositiveWeight
  /// The fixed effects leave no residual variation, so that no variance can be estimated.
  case noResidualVariation
  /// There are no residual degrees of freedom: as many independent fixed effects as observations.
  case noResidualDegreesOfFreedom(observations: Int, fixedEffects: Int)
  /// A random-effect term has as many coefficients as there are observations, so that its variance and the residual
  /// variance cannot be told apart.
  case tooManyRandomEffects(group: String, randomEffects: Int, observations: Int)
  /// A covariance over the visits has more parameters than there are observations.
  case tooManyCovarianceParameters(structure: String, parameters: Int, visits: Int, observations: Int)
  /// A grouping has a single level, so that no variance between levels can be estimated.
  case singleLevel(group: String)
  /// Two terms name one grouping but differ in the codes of its levels.
  case inconsistentGrouping(String)
  /// Kenward–Roger's method was asked of a maximum-likelihood fit.
  case kenwardRogerNeedsREML
  /// Adaptive quadrature was asked of a model with several groupings.
  case quadratureNeedsOneGrouping
  /// A response value is outside what the family allows.
  case invalidResponse(String)
  /// The objective could not be evaluated at the starting values.
  case undefinedAtStart
  /// A subject has two rows of one visit; the later one is named, from 0.
  case repeatedVisit(row: Int)
  /// A subject's rows belong to several covariance groups; the first that differs is named, from 0.
  case subjectInTwoGroups(row: Int)
  /// A factorisation failed.
  case linearAlgebra(LinearAlgebraError)

  public var description: String {
    switch self {
    case .noObservations: "there are no observations"
    case .noRandomEffects: "a mixed model needs a random-effect term, such as (1|subject)"
    case .notFinite(let part): "a value of the \(part) is infinite or not a number"
    case .nonPositiveWeight: "weights must be positive"
    case .noResidualVariation:
      "the fixed effects reproduce the response, so that no variance can be estimated"
    case .noResidualDegreesOfFreedom(let n, let p):
      "\(n) observations leave no residual degrees of freedom for \(p) fixed effects"
    case .tooManyRandomEffects(let group, let q, let n):
      "\(q) random effects of grouping \(group) for \(n) observations: "
        + "their variance and the residual variance cannot be told apart"
    case .tooManyCovarianceParameters(let structure, let parameters, let visits, let n):
      "the covariance \(structure) over \(visits) visits has \(parameters) parameters for \(n) observations: "
        + "look whether the visit is one of a few planned ones"
    case .singleLevel(let group): "the grouping \(group) has a single level"
    case .inconsistentGrouping(let group):
      "two terms of the grouping \(group) assign observations to different levels"
    case .kenwardRogerNeedsREML:
      "Kenward–Roger degrees of freedom need restricted maximum likelihood"
    case .quadratureNeedsOneGrouping:
      "adaptive quadrature needs a single grouping; with several, one point (Laplace) is possible"
    case .invalidResponse(let what): what
    case .undefinedAtStart: "the likelihood cannot be evaluated at the starting values"
    case .repeatedVisit(let row): "row \(row + 1) is a second measurement of one subject at one visit"
    case .subjectInTwoGroups(let row): "row \(row + 1) puts a subject into a second covariance group"
    case .linearAlgebra(let error):
      "the model cannot be computed from these numbers (\(error)): look at the size of each variable"
    }
  }
}
