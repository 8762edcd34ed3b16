import ModelFormula

extension [EmploymentOutcome] {
  /// The outcomes as columns, under the names of `hekta derive employment`, in its order.
  public var columns: [(name: String, column: Column)] {
    func numeric(_ value: (EmploymentOutcome) -> Double) -> Column { .numeric(map(value)) }
    return [
      ("employed", numeric { $0.isEmployed ? 1 : 0 }),
      ("days_worked", numeric { Double($0.daysWorked) }),
      ("hours", numeric(\.hours)),
      ("jobs", numeric { Double($0.jobs) }),
      ("longest_job_days", numeric { Double($0.longestJobDays) }),
      ("days_to_first_job", numeric { $0.daysToFirstJob.map(Double.init) ?? .nan }),
      ("sustained", numeric { $0.isSustained ? 1 : 0 }),
      ("pre_existing", numeric { Double($0.preExisting) }),
      ("flags", .text(map(\.flags.text))),
    ]
  }
}
