import Inference
import LinearAlgebra
import ModelFormula
import Probability

/// Likelihood-ratio tests of the terms of a model by refitting without their columns (R `car::Anova(test = "LR")`).
///
/// Type 2: a term against the model of all terms that do not contain it. Type 3: the whole model against the same without
/// the term's columns, factors coded so that contrasts sum to zero.
struct LikelihoodRatioTerms {
  let post: PostEstimation
  /// The scaled deviance of the model on some columns of a design, and the number of independent ones.
  let refit: (Matrix, [String]) throws -> (deviance: Double, rank: Int)

  func tests(type: Int) throws -> [TermTest] { type == 2 ? try typeII() : try typeIII() }

  private func typeII() throws -> [TermTest] {
    let design = post.design
    let variables = design.terms.terms.map { term in
      Set(term.variables.map { design.terms.variables[$0].text })
    }
    return try design.terms.terms.indices.compactMap { number in
      let containing = Set(
        variables.indices.filter {
          variables[$0].count > variables[number].count && variables[number].isSubset(of: variables[$0])
        }.map { $0 + 1 })
      let larger = design.assign.indices.filter { !containing.contains(design.assign[$0]) }
      let smaller = larger.filter { design.assign[$0] != number + 1 }
      return try test(design, label: design.terms.terms[number].label, larger: larger, smaller: smaller)
    }
  }

  private func typeIII() throws -> [TermTest] {
    let design = try post.frame.parts[post.part].design(contrasts: .sum, intercept: post.intercept)
    let all = Array(design.assign.indices)
    return try design.terms.terms.indices.compactMap { number in
      try test(
        design, label: design.terms.terms[number].label, larger: all,
        smaller: all.filter { design.assign[$0] != number + 1 })
    }
  }

  /// Nothing where the term has no independent column of its own.
  private func test(
    _ design: DesignMatrix, label: String, larger: [Int], smaller: [Int]
  ) throws -> TermTest? {
    let a = try refit(
      design.matrix.selecting(columns: larger), larger.map { design.columnNames[$0] })
    let b = try refit(
      design.matrix.selecting(columns: smaller), smaller.map { design.columnNames[$0] })
    guard a.rank > b.rank else { return nil }
    let df = Double(a.rank - b.rank)
    let statistic = max(0, b.deviance - a.deviance)
    return TermTest(
      term: label, df: df, statistic: statistic,
      pValue: ChiSquared(df: df).cdf(statistic, tail: .upper))
  }
}
