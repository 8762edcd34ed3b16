import ModelFormula
import TrialData

extension TrialFrames {
  /// Makes the plan's analysis sets, each from the one it starts from.
  ///
  /// - Throws: `DataError` where a condition cannot be evaluated.
  mutating func makeSets() throws(DataError) {
    for planned in plan.sets {
      let base = planned.from.flatMap { sets[$0.value] }
      var members = base?.members ?? [Bool](repeating: true, count: participants.rowCount)
      var departures = base?.departures ?? []
      for exclusion in planned.exclusions {
        let truth = try truth(of: exclusion.condition, in: participants)
        // A participant for whom the condition is missing stays: nobody is left out for a reason that is not known to apply.
        let leaving = members.indices.map { members[$0] && truth[$0] == 1 }
        let unknown = members.indices.count { members[$0] && truth[$0].isNaN }
        if unknown > 0 {
          warnings.append(
            "set \(planned.id.value): the condition \(exclusion.id) is missing for \(unknown) participants, who stay"
          )
        }
        for row in members.indices where leaving[row] { members[row] = false }
        departures.append(
          AnalysisSet.Departure(id: exclusion.id, reason: exclusion.reason, members: leaving))
      }
      sets[planned.id.value] = AnalysisSet(plan: planned, members: members, departures: departures)
    }
  }

  /// The truth of a condition of the plan for every row of a table.
  func truth(of condition: Placed<String>, in frame: DataFrame) throws(DataError) -> [Double] {
    let expression = try parsed(condition, file: plan.participants.name, expected: "a condition expected")
    do throws(FormulaError) {
      return try frame.truth(of: expression)
    } catch {
      throw fault(error.description, expected: "a condition expected", at: condition.place)
    }
  }

  /// An expression of the plan on the rows of a file.
  ///
  /// - Throws: `DataError` where it does not parse, or holds for nobody or everybody because of what it compares; see
  ///   `CodebookFile.idleComparisons(in:)`.
  func parsed(
    _ text: Placed<String>, file: String, expected: String
  ) throws(DataError) -> Expression {
    let expression: Expression
    do throws(FormulaError) {
      expression = try Expression(parsing: text.value)
    } catch {
      throw fault(error.description, expected: expected, at: text.place)
    }
    if let idle = codebook[file]?.idleComparisons(in: expression).first {
      throw fault(idle.found, expected: idle.expected, at: text.place)
    }
    return expression
  }
}
