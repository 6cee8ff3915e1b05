namespace SettlementGrid.Plans;

/// <summary>The field's words in both languages, and their stable codes as callers see them.</summary>
static class Words
{
    /// <summary>In Chinese; in English the code itself is readable.</summary>
    public static string Place(CarePlace place) => place switch
    {
        CarePlace.InRegion => "统筹区内",
        CarePlace.InProvince => "省内统筹区外",
        _ => "省外",
    };

    public static string Code(CarePlace place) => place switch
    {
        CarePlace.InRegion => "IN_REGION",
        CarePlace.InProvince => "IN_PROVINCE",
        _ => "OUT_OF_PROVINCE",
    };

    public static string Code(LeftOutReason reason) => reason switch
    {
        LeftOutReason.CoverNotInForce => "COVER_NOT_IN_FORCE",
        LeftOutReason.PlanNotInForce => "PLAN_NOT_IN_FORCE",
        _ => "KIND_ALREADY_COUNTED",
    };

    public static string Reason(LeftOutReason reason, Language language) => language == Language.Chinese
        ? reason switch
        {
            LeftOutReason.CoverNotInForce => "在出院日期不在保障期内",
            LeftOutReason.PlanNotInForce => "在出院日期没有已公布的有效版本",
            _ => "与当日已计入的同类险种重复",
        }
        : reason switch
        {
            LeftOutReason.CoverNotInForce => "cover is not in force on the discharge date",
            LeftOutReason.PlanNotInForce => "no published version holds on the discharge date",
            _ => "another plan of the same kind counts on that day",
        };

    public static string Measure(Measure? measure, Language language) => language == Language.Chinese
        ? measure switch
        {
            Plans.Measure.Eligible => "合规费用",
            Plans.Measure.OwnEligibleShare => "合规费用个人负担",
            Plans.Measure.BasicPaid => "基本医保支付",
            Plans.Measure.BurdenAfterAll => "各方支付后的个人负担",
            Plans.Measure.ReasonableLessPrior => "先行支付后的合理费用",
            Plans.Measure.EligibleLessPrior => "先行支付后的合规费用",
            Plans.Measure.OverCapEligible => "超限额合规费用",
            _ => "另一项费用",
        }
        : measure switch
        {
            Plans.Measure.Eligible => "eligible cost",
            Plans.Measure.OwnEligibleShare => "the person's own eligible share",
            Plans.Measure.BasicPaid => "basic payments",
            Plans.Measure.BurdenAfterAll => "the burden after all payers",
            Plans.Measure.ReasonableLessPrior => "reasonable cost after prior payers",
            Plans.Measure.EligibleLessPrior => "eligible cost after prior payers",
            Plans.Measure.OverCapEligible => "over-cap eligible cost",
            _ => "another measure",
        };

    public static string Identity(IdentityKind kind, Language language) => language == Language.Chinese
        ? kind switch
        {
            IdentityKind.ExtremePoverty => "特困人员",
            IdentityKind.Orphan => "孤儿",
            IdentityKind.LowIncome => "低保人员",
            IdentityKind.LowIncomeDisabled => "低保残疾人员",
            IdentityKind.ReturnedToPoverty => "返贫致贫人员",
            IdentityKind.Rescue => "医疗救助对象",
            IdentityKind.Student => "学生",
            IdentityKind.Preexisting => "特定既往症人群",
            _ => "罕见病既往症人群",
        }
        : kind switch
        {
            IdentityKind.ExtremePoverty => "persons in extreme poverty",
            IdentityKind.Orphan => "orphans",
            IdentityKind.LowIncome => "low-income persons",
            IdentityKind.LowIncomeDisabled => "disabled low-income persons",
            IdentityKind.ReturnedToPoverty => "returned-to-poverty persons",
            IdentityKind.Rescue => "persons under medical rescue",
            IdentityKind.Student => "students",
            IdentityKind.Preexisting => "persons with a listed pre-existing disease",
            _ => "persons with a pre-existing rare disease",
        };
}
