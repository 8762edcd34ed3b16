import ModelFormula
import TrialData

extension TrialFrames {
  /// What is wrong with the columns that an analysis names: those that are not there, and an event that its outcome does not
  /// have. Nothing is analysed.
  func faults(of analysis: AnalysisPlan) -> [DataProblem] {
    let file = analysis.file?.value
    var names = [analysis.outcome, analysis.time].compactMap { $0 } + analysis.method.columns
    for variant in analysis.variants { names += variant.covariates + [variant.outcome].compactMap { $0 } }
    var problems: [DataProblem] = []
    if let formula = analysis.method.modelFormula {
      do {
        let parsed = try Formula(parsing: formula.value)
        let used = (parsed.response?.names ?? []) + parsed.parts.flatMap(\.names)
        names += used.distinct.map { Placed(value: $0, place: formula.place) }
      } catch {
        problems += fault("\(error)", expected: "a formula expected", at: formula.place).problems
      }
    }
    for name in names {
      do { _ = try column(name, file: file) } catch { problems += error.problems }
    }
    if problems.isEmpty, analysis.event != nil {
      do { _ = try event(analysis, file: file) } catch { problems += error.problems }
    }
    return problems
  }
}
