/// What the variables of employment are called in reports.
enum EmploymentLabels {
  static let days = Label("days", nb: "dager")

  /// The levels of a variable that is 0 or 1.
  static let yesNo: [VariableLabel.Level] = [
    .init("0", Label("No", nb: "Nei")), .init("1", Label("Yes", nb: "Ja")),
  ]

  /// By the variable's name.
  static let all: [String: VariableLabel] = {
    let labels = [
      VariableLabel("employed", Label("Any day of employment", nb: "Minst én dag i arbeid"), levels: yesNo),
      VariableLabel("days_worked", Label("Days worked", nb: "Dager i arbeid"), unit: days),
      VariableLabel("hours", Label("Hours worked", nb: "Timer i arbeid"), unit: Label("hours", nb: "timer")),
      VariableLabel("jobs", Label("Number of jobs", nb: "Antall jobber")),
      VariableLabel("longest_job_days", Label("Longest job", nb: "Lengste jobb"), unit: days),
      VariableLabel(
        "days_to_first_job", Label("Days to the first job", nb: "Dager til første jobb"), unit: days),
      VariableLabel("sustained", Label("Sustained employment", nb: "Varig arbeid"), levels: yesNo),
      VariableLabel("pre_existing", Label("Jobs begun before inclusion", nb: "Jobber fra før inklusjon")),
      VariableLabel("earnings", Label("Earnings", nb: "Lønn")),
      VariableLabel(
        "leave_share", Label("Leave, part of contracted hours", nb: "Permisjon, andel av avtalt tid")),
      VariableLabel(
        "furlough_share", Label("Furlough, part of contracted hours", nb: "Permittering, andel av avtalt tid")
      ),
      VariableLabel(
        "month", Label("Month", nb: "Måned"), unit: Label("months", nb: "måneder")),
    ]
    return Dictionary(uniqueKeysWithValues: labels.map { ($0.name, $0) })
  }()
}
