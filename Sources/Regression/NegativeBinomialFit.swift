import Glibc
import Inference
import LinearAlgebra

/// A negative binomial regression fitted by maximum likelihood.
public struct NegativeBinomialFit: Sendable {
  /// The generalised linear model at the fitted size: coefficients, deviances, and their covariance from the expected
  /// information, as `summary(glm.nb)` prints it.
  public let regression: GeneralisedLinearFit
  /// The size θ̂; infinite where the data show no excess variance.
  public let theta: Double
  /// The standard error of θ̂ from its own observed information (R `fit$SE.theta`); NaN where θ̂ is infinite.
  public let thetaStandardError: Double
  /// How the alternation ended.
  public let convergence: Convergence
  /// The verdict: `boundary` where θ̂ is infinite.
  public let status: FitStatus
  /// What a reader of the estimates has to know.
  public let warnings: [String]

  init(
    regression: GeneralisedLinearFit, theta: Double, thetaStandardError: Double, rounds: Int,
    isConverged: Bool
  ) {
    self.regression = regression
    self.theta = theta
    self.thetaStandardError = thetaStandardError
    convergence = Convergence(
      isConverged: isConverged && regression.convergence.isConverged, iterations: rounds,
      criterion: "change of theta below 1e-11 of it")
    var warnings = regression.warnings
    if regression.status != .ok {
      status = regression.status
    } else if theta.isInfinite {
      status = .boundary
      warnings.append(
        "the counts vary no more than a Poisson model allows: theta is infinite and the fit is the Poisson one"
      )
    } else {
      status = isConverged ? .ok : .notConverged
      if !isConverged { warnings.append("the alternation between coefficients and theta did not converge") }
    }
    self.warnings = warnings
  }

  /// The maximised log-likelihood.
  public var logLikelihood: Double { regression.logLikelihood ?? .nan }
  /// The number of parameters, θ included.
  public var degreesOfFreedom: Double { Double(regression.rank + 1) }
  /// Akaike's criterion, −2 log L + 2 df.
  public var aic: Double { -2 * logLikelihood + 2 * degreesOfFreedom }
  /// Schwarz's criterion, −2 log L + df log n, where n counts rows of weight 0 too, as R's does.
  public var bic: Double {
    -2 * logLikelihood + degreesOfFreedom * log(Double(regression.data.rowCount))
  }

  /// The covariance of the coefficients from the observed information of coefficients and θ together, as SAS GENMOD
  /// and Stata nbreg use it.
  ///
  /// - Throws: `RegressionError.numerical` where that information is not positive definite.
  public func observedInformationCovariance() throws(RegressionError) -> CovarianceEstimate {
    guard theta.isFinite, status == .ok else { return regression.covariance }
    let x = regression.estimableDesign
    let y = regression.used.response
    let k = x.columns
    var curvature = [Double](repeating: 0, count: x.rows)
    var cross = curvature
    for i in 0..<x.rows {
      let w = regression.used.weights?[i] ?? 1
      let mu = regression.means[i]
      let eta = regression.linearPredictors[i]
      let slope = regression.model.link.meanAndSlope(of: eta).slope
      let bend: Double =
        switch regression.model.link {
        case .log: mu
        case .sqrt: 2
        default: 0
        }
      let total = mu + theta
      let first = y[i] / mu - (y[i] + theta) / total
      let second = -y[i] / (mu * mu) + (y[i] + theta) / (total * total)
      curvature[i] = -w * (second * slope * slope + first * bend)
      cross[i] = -w * slope * (y[i] - mu) / (total * total)
    }
    let block = x.gram(weights: curvature)
    let border = x.transposedTimes(cross)
    var information = Matrix(rows: k + 1, columns: k + 1)
    for j in 0..<k {
      for i in 0..<k { information[i, j] = block[i, j] }
      information[k, j] = border[j]
      information[j, k] = border[j]
    }
    information[k, k] = 1 / (thetaStandardError * thetaStandardError)
    do {
      let inverse = try CholeskyFactor(of: information).inverse()
      let kept = Array(0..<k)
      return CovarianceEstimate(
        inverse.selecting(rows: kept).selecting(columns: kept), kind: .modelBased)
    } catch { throw .numerical(error) }
  }
}
