import Glibc
import LinearAlgebra

/// The form of the covariance of a subject's repeated measurements over m visits, Σ(θ), with θ unrestricted.
///
/// Standard deviations are exp θ; a correlation is ρ = θ/√(1 + θ²). With an unstructured matrix θ holds the logarithms of the
/// row scales and then, row by row, the unit lower triangular factor L in Σ = D L L' D. These are the parameters of the R
/// package mmrm, so that the second-order Kenward–Roger covariance, which depends on them, agrees; every other result is
/// the same under any choice. SAS: `REPEATED / TYPE=UN, CS, CSH, AR(1), ARH(1), TOEP, TOEPH, ANTE(1)`.
public enum CovarianceStructure: String, Sendable, CaseIterable {
  /// Unstructured: m(m + 1)/2 parameters.
  case us
  /// Compound symmetry: one variance, one correlation.
  case cs
  /// Compound symmetry with a variance a visit.
  case csh
  /// First-order autoregression: ρ to the power of the distance in visits.
  case ar1
  /// First-order autoregression with a variance a visit.
  case ar1h
  /// Toeplitz: a correlation for each distance.
  case toep
  /// Toeplitz with a variance a visit.
  case toeph
  /// Ante-dependence: the correlation of two visits is the product of those of the neighbours between them.
  case ad
  /// Ante-dependence with a variance a visit.
  case adh

  /// True where each visit has a variance of its own.
  var isHeterogeneous: Bool {
    switch self {
    case .us, .csh, .ar1h, .toeph, .adh: true
    case .cs, .ar1, .toep, .ad: false
    }
  }

  /// The number of correlation parameters over m visits.
  private func correlationCount(_ m: Int) -> Int {
    switch self {
    case .us: m * (m - 1) / 2
    case .cs, .csh, .ar1, .ar1h: m > 1 ? 1 : 0
    case .toep, .toeph, .ad, .adh: m - 1
    }
  }

  /// The number of parameters over m visits.
  public func parameterCount(visits m: Int) -> Int {
    (isHeterogeneous ? m : 1) + correlationCount(m)
  }

  /// Independent visits with one standard deviation.
  func start(visits m: Int, standardDeviation: Double) -> [Double] {
    let scales = isHeterogeneous ? m : 1
    return [Double](repeating: log(standardDeviation), count: scales)
      + [Double](repeating: 0, count: correlationCount(m))
  }

  /// Σ(θ), m × m; it need not be positive definite for Toeplitz and compound-symmetric correlations.
  public func covariance(_ theta: [Double], visits m: Int) -> Matrix {
    if self == .us {
      let factor = unstructuredFactor(theta, m)
      return Matrix.product(factor, factor, transposeSecond: true).symmetrised()
    }
    let sd = standardDeviations(theta, m)
    var sigma = correlation(Array(theta.suffix(correlationCount(m))), m)
    for j in 0..<m {
      for i in 0..<m { sigma[i, j] *= sd[i] * sd[j] }
    }
    return sigma
  }

  /// ∂Σ/∂θₖ for every parameter.
  public func derivatives(_ theta: [Double], visits m: Int) -> [Matrix] {
    self == .us ? unstructuredDerivatives(theta, m) : structuredDerivatives(theta, m)
  }

  // MARK: Unstructured

  private func unstructuredFactor(_ theta: [Double], _ m: Int) -> Matrix {
    var factor = Matrix(rows: m, columns: m)
    var k = m
    for i in 0..<m {
      let scale = exp(theta[i])
      factor[i, i] = scale
      for j in 0..<i {
        factor[i, j] = scale * theta[k]
        k += 1
      }
    }
    return factor
  }

  private func unstructuredDerivatives(_ theta: [Double], _ m: Int) -> [Matrix] {
    let factor = unstructuredFactor(theta, m)
    /// dF F' + F dF' for a dF whose only nonzero row is i.
    func change(row i: Int, _ values: [Double]) -> Matrix {
      let product = factor * values
      var result = Matrix(rows: m, columns: m)
      for j in 0..<m {
        result[i, j] += product[j]
        result[j, i] += product[j]
      }
      return result
    }
    var result = (0..<m).map { change(row: $0, factor.row($0)) }
    for i in 0..<m {
      for j in 0..<i {
        var values = [Double](repeating: 0, count: m)
        values[j] = exp(theta[i])
        result.append(change(row: i, values))
      }
    }
    return result
  }

  // MARK: Structured

  private func standardDeviations(_ theta: [Double], _ m: Int) -> [Double] {
    isHeterogeneous ? theta.prefix(m).map { exp($0) } : [Double](repeating: exp(theta[0]), count: m)
  }

  private func structuredDerivatives(_ theta: [Double], _ m: Int) -> [Matrix] {
    let sigma = covariance(theta, visits: m)
    let sd = standardDeviations(theta, m)
    var result: [Matrix] = []
    if isHeterogeneous {
      for k in 0..<m {
        var change = Matrix(rows: m, columns: m)
        for j in 0..<m {
          change[k, j] += sigma[k, j]
          change[j, k] += sigma[j, k]
        }
        result.append(change)
      }
    } else {
      result.append(2 * sigma)
    }
    let parameters = Array(theta.suffix(correlationCount(m)))
    for (k, t) in parameters.enumerated() {
      let slope = 1 / ((1 + t * t) * (1 + t * t).squareRoot())
      var change = correlationDerivative(k, parameters, m)
      for j in 0..<m {
        for i in 0..<m { change[i, j] *= slope * sd[i] * sd[j] }
      }
      result.append(change)
    }
    return result
  }

  private static func correlationOf(_ t: Double) -> Double { t / (1 + t * t).squareRoot() }

  private func correlation(_ parameters: [Double], _ m: Int) -> Matrix {
    let rho = parameters.map(Self.correlationOf)
    var result = Matrix.identity(m)
    for j in 0..<m {
      for i in (j + 1)..<max(m, j + 1) {
        let value: Double
        switch self {
        case .cs, .csh: value = rho[0]
        case .ar1, .ar1h: value = pow(rho[0], Double(i - j))
        case .toep, .toeph: value = rho[i - j - 1]
        case .ad, .adh, .us: value = rho[j..<i].reduce(1, *)
        }
        result[i, j] = value
        result[j, i] = value
      }
    }
    return result
  }

  /// The derivative of the correlation matrix in correlation k.
  private func correlationDerivative(_ k: Int, _ parameters: [Double], _ m: Int) -> Matrix {
    let rho = parameters.map(Self.correlationOf)
    var result = Matrix(rows: m, columns: m)
    for j in 0..<m {
      for i in (j + 1)..<max(m, j + 1) {
        let distance = i - j
        let value: Double
        switch self {
        case .cs, .csh: value = 1
        case .ar1, .ar1h: value = Double(distance) * pow(rho[0], Double(distance - 1))
        case .toep, .toeph: value = distance - 1 == k ? 1 : 0
        case .ad, .adh, .us:
          value = (j..<i).contains(k) ? (j..<i).filter { $0 != k }.reduce(1) { $0 * rho[$1] } : 0
        }
        result[i, j] = value
        result[j, i] = value
      }
    }
    return result
  }
}
