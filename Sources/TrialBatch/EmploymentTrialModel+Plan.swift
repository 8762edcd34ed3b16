import ModelFormula
import Serialisation
import TrialAnalysis
import TrialData
import TrialSimulation

extension EmploymentTrialModel {
  /// The model with the parameters that a plan gives.
  ///
  /// - Throws: `DataError` for a parameter the model does not have or a value it cannot take, at its place in the plan.
  init(_ plan: SimulationPlan, file: String) throws(DataError) {
    self.init()
    var problems: [DataProblem] = []
    for parameter in plan.parameters {
      guard let known = Self.parameters[parameter.name.value] else {
        problems.append(
          DataProblem(
            file: file, place: parameter.name.place, found: "no parameter '\(parameter.name.value)'",
            expected: DataProblem.expectation(
              insteadOf: parameter.name.value, among: Self.parameters.keys.sorted())))
        continue
      }
      guard known.range.contains(parameter.value),
        !known.isWhole || parameter.value == parameter.value.rounded()
      else {
        problems.append(
          DataProblem(
            file: file, place: parameter.name.place,
            found: "found '\(NumberText.significant(parameter.value, digits: 12))'",
            expected:
              "a \(known.isWhole ? "whole " : "")number from \(NumberText.significant(known.range.lowerBound)) to "
              + "\(NumberText.significant(known.range.upperBound, digits: 12)) expected"
          ))
        continue
      }
      known.set(&self, parameter.value)
    }
    if !problems.isEmpty { throw DataError(problems) }
  }

  /// The model in which the treatment does what the control does: no effect on anything.
  var withoutEffect: EmploymentTrialModel {
    var model = self
    model.treatment = control
    if let change = symptoms.change.first {
      model.symptoms.change = symptoms.change.map { _ in change }
    }
    return model
  }

  private struct Parameter: Sendable {
    var range: ClosedRange<Double>
    var isWhole = false
    var set: @Sendable (inout EmploymentTrialModel, Double) -> Void
  }

  /// The parameters by their path below `simulate` in a plan.
  private static let parameters: [String: Parameter] = {
    var table: [String: Parameter] = [
      "participants": Parameter(range: 4...1_000_000, isWhole: true) { $0.participants = Int($1) },
      "window-months": Parameter(range: 1...120, isWhole: true) { $0.windowMonths = Int($1) },
      "withdrawal": Parameter(range: 0...1) { $0.withdrawal = $1 },
      "death": Parameter(range: 0...1) { $0.death = $1 },
      "error": Parameter(range: 0...1) { $0.error = $1 },
      "prognosis": Parameter(range: 0...5) { $0.prognosis = $1 },
      "response.6": Parameter(range: 0...1) { $0.response[0] = $1 },
      "response.12": Parameter(range: 0...1) { $0.response[1] = $1 },
      "symptoms.mean": Parameter(range: 1...4) { $0.symptoms.mean = $1 },
      "symptoms.between": Parameter(range: 0...4) { $0.symptoms.between = $1 },
      "symptoms.within": Parameter(range: 0...4) { $0.symptoms.within = $1 },
      "symptoms.change-control": Parameter(range: -3...3) { $0.symptoms.change[0] = $1 },
      "symptoms.change-treatment": Parameter(range: -3...3) { $0.symptoms.change[1] = $1 },
    ]
    func arm(_ name: String, _ path: WritableKeyPath<EmploymentTrialModel, Employment> & Sendable) {
      table["\(name).any-work"] = Parameter(range: 0.001...0.999) { $0[keyPath: path].anyWork = $1 }
      table["\(name).median-first-day"] = Parameter(range: 1...3650) { $0[keyPath: path].medianFirstDay = $1 }
      table["\(name).job-days"] = Parameter(range: 1...3650) { $0[keyPath: path].jobDays = $1 }
      table["\(name).full-time-share"] = Parameter(range: 0...1) { $0[keyPath: path].fullTimeShare = $1 }
      table["\(name).hourly-pay"] = Parameter(range: 1...10_000) { $0[keyPath: path].hourlyPay = $1 }
    }
    arm("control", \.control)
    arm("treatment", \.treatment)
    return table
  }()
}
