import LinearAlgebra

/// Makes the degrees-of-freedom method of a repeated-measures fit from the likelihood at its optimum.
struct RepeatedMeasuresInference {
  let model: RepeatedMeasuresModel
  let criterion: RepeatedMeasuresCriterion
  let basis: FixedEffectsBasis
  /// The rows of each subject by visit, and each subject's covariance group.
  let subjectRows: [[Int]]
  let groups: [Int]
  let theta: [Double]
  let state: RepeatedMeasuresCriterion.State
  let hessian: Matrix?

  /// The method the model asks for.
  ///
  /// Without a Hessian (a fit that did not converge) Satterthwaite and Kenward–Roger have no degrees of freedom: they are
  /// not a number then, and so are p-values and limits.
  func method(modelBased: Matrix) throws(LinearAlgebraError) -> FixedEffectsInference.Method {
    switch model.degreesOfFreedom {
    case .normal: return .normal
    case .residual: return .fixed(Double(criterion.observations - criterion.rank))
    case .betweenWithin: return .byContrast(betweenWithin())
    case .satterthwaite:
      guard let hessian else { return .fixed(.nan) }
      return .satterthwaite(
        try SatterthwaiteDF(vcov: modelBased, derivatives: covarianceDerivatives(), hessian: hessian))
    case .kenwardRoger, .kenwardRogerLinear:
      guard let hessian else { return .fixed(.nan) }
      return .kenwardRoger(try kenwardRoger(modelBased, hessian))
    }
  }

  /// The empirical covariance Φ (Σᵢ Xᵢ'Vᵢ⁻¹rᵢrᵢ'Vᵢ⁻¹Xᵢ) Φ over subjects.
  ///
  /// R's mmrm takes it where the degrees of freedom are the residual ones, and so does this model. Liang & Zeger,
  /// Biometrika 1986;73:13–22, doi 10.1093/biomet/73.1.13.
  func empirical() -> Matrix {
    let p = criterion.rank
    let z = basis.columns
    let u = state.coefficients.map { -$0 } + [1]
    var inverseOf: [VisitPatternProducts.Pattern: Matrix] = [:]
    for (pattern, inverse) in zip(criterion.products.patterns, state.inverses) {
      inverseOf[pattern] = inverse
    }
    var scores: [[Double]] = []
    for (rows, group) in zip(subjectRows, groups) where !rows.isEmpty {
      let pattern = VisitPatternProducts.Pattern(group: group, visits: rows.map { model.visit[$0] })
      guard let inverse = inverseOf[pattern] else { continue }
      let own = z.selecting(rows: rows)
      let weighted = inverse * (own * u)
      scores.append((0..<p).map { dot(own.column($0), weighted) })
    }
    let meat = Matrix(columns: scores, rows: p).transposed().gram()
    return basis.covariance((state.covariance * meat * state.covariance).symmetrised())
  }

  /// ∂Φ/∂θₖ = Φ X'V⁻¹ ∂V V⁻¹X Φ.
  private func covarianceDerivatives() -> [Matrix] {
    criterion.derivatives(at: theta).map { group, matrix in
      let middle = criterion.projected(matrix, group: group, state)
      return basis.covariance((state.covariance * middle * state.covariance).symmetrised())
    }
  }

  private func kenwardRoger(_ modelBased: Matrix, _ hessian: Matrix) throws(LinearAlgebraError)
    -> KenwardRogerDF
  {
    let derivatives = criterion.derivatives(at: theta)
    let first = derivatives.map { group, matrix in -1.0 * criterion.projected(matrix, group: group, state) }
    var second: [Matrix] = []
    for i in derivatives.indices {
      for j in 0...i {
        let (a, b) = (derivatives[i], derivatives[j])
        guard a.group == b.group else {
          second.append(Matrix(rows: basis.rank, columns: basis.rank))
          continue
        }
        var q = criterion.projected(a.matrix, b.matrix, group: a.group, state)
        if model.degreesOfFreedom == .kenwardRoger {
          let curvature = secondDerivative(i, j)
          q = q - 0.25 * criterion.projected(curvature, group: a.group, state)
        }
        second.append(q)
      }
    }
    // W is the inverse of the observed information, as in R's mmrm and in SAS.
    let parameters = try 2.0 * CholeskyFactor(of: hessian).inverse()
    let onBasis = KenwardRogerDF(
      vcov: state.covariance, first: first, second: second, parameterCovariance: parameters)
    return onBasis.transformed(by: basis.toEstimable)
  }

  /// ∂²Σ/∂θᵢ∂θⱼ of one group by central differences of the exact first derivatives.
  private func secondDerivative(_ i: Int, _ j: Int) -> Matrix {
    let size = criterion.perGroup
    let own = criterion.parameters(theta, of: i / size)
    let step = 1e-5 * max(1, abs(own[j % size]))
    func derivative(_ shift: Double) -> Matrix {
      var moved = own
      moved[j % size] += shift
      return criterion.structure.derivatives(moved, visits: criterion.visits)[i % size]
    }
    return (0.5 / step) * (derivative(step) - derivative(-step))
  }

  /// The between–within rule: subjects less between-subject coefficients, or observations less subjects and within ones.
  ///
  /// A coefficient is between subjects where its column is constant within every subject; the intercept takes the within
  /// degrees of freedom but is counted with the between-subject ones. A contrast of several takes the smallest.
  private func betweenWithin() -> @Sendable ([Double]) -> Double {
    let between = basis.estimable.map { isConstantWithinSubjects(column: $0) }
    let names = basis.estimable.map { model.columnNames[$0] }
    let intercepts = names.filter { $0 == "(Intercept)" }.count
    let betweenCount = zip(between, names).filter { $0 && $1 != "(Intercept)" }.count
    let withinCount = names.count - betweenCount - intercepts
    let betweenDF = Double(subjectRows.count - betweenCount - intercepts)
    let withinDF = Double(criterion.observations - subjectRows.count - withinCount)
    let dfs = zip(between, names).map { $0 && $1 != "(Intercept)" ? betweenDF : withinDF }
    return { contrast in
      zip(contrast, dfs).filter { $0.0 != 0 }.map(\.1).min() ?? .nan
    }
  }

  private func isConstantWithinSubjects(column: Int) -> Bool {
    var first = [Double](repeating: .nan, count: subjectRows.count)
    for row in model.subject.indices {
      let value = model.design[row, column]
      let s = model.subject[row]
      if first[s].isNaN { first[s] = value } else if first[s] != value { return false }
    }
    return true
  }
}
