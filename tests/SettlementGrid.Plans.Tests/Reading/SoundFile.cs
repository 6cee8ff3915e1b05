namespace SettlementGrid.Plans.Tests;

/// <summary>
/// A sound file that uses every part of the format; the broken ones are made from it by one edit each.
/// </summary>
static class SoundFile
{
    public const string Text = """
        format: settlementgrid-plan/1
        id: sixth-city
        name: { zh: 第六市, en: A sixth city }
        kind: CRITICAL
        order: 10
        region: "340100"
        effective: { from: 2026-01-01, to: 2026-12-31, clause: 一 }
        parameters:
          income:
            name: { zh: 人均可支配收入, en: income per head }
            unit: MONEY
            required: true
            clause: 二
            values:
              - { from: 2025-01-01, value: 42000, source: 公告一 }
              - { from: 2026-07-01, to: 2026-12-31, value: 44000.50, source: 公告二 }
          ratio:
            name: { zh: 支付比例, en: ratio }
            unit: RATE
            clause: 二
            values: [{ from: 2025-01-01, value: 62.5%, source: 公告一 }]
        identity_groups:
          poor:
            name: { zh: 困难群体, en: persons in hardship }
            identities: [LOW_INCOME, ORPHAN]
            clause: 三
        identities_as_of_cover_start: [PREEXISTING]
        basic:
          cap: { amount: 100000, clause: 四 }
        layers:
          - id: ward
            name: { zh: 住院, en: ward }
            clause: 五
            payer: 第六保险
            fund_code: "390201"
            care_types: [INPATIENT, ACCIDENT_INPATIENT]
            measure: OWN_ELIGIBLE_SHARE
            bands_on: EXCESS
            facility: { level_min: 2, public: true, designation: REQUIRED, clause: 六 }
            counting:
              - { when: { filings: [UNFILED], places: [IN_PROVINCE, OUT_OF_PROVINCE] }, share: 90%, clause: 七 }
            start:
              - { when: { identities: [poor] }, amount: { parameter: income, times: 25% }, clause: 八 }
              - { amount: { parameter: income, times: 50% }, clause: 八 }
            rates:
              - when: { identities: [poor], discharged: { to: 2026-06-30 } }
                clause: 九
                bands: [{ from: start, rate: 70% }]
              - clause: 九
                bands:
                  - { from: start, to: 50000, rate: 60% }
                  - { from: 50000, to: 100000, rate: 65% }
                  - { from: 100000, rate: { parameter: ratio } }
            cap:
              - { when: { identities_all: [poor], identities_none: [STUDENT] }, unlimited: true, clause: 十 }
              - { amount: 300000, clause: 十 }
          - id: drug
            name: { zh: 药品, en: drugs }
            clause: 十一
            payer: 第六保险
            fund_code: "390201"
            care_types: [OUTPATIENT_HIGH_VALUE_DRUG]
            measure: OVER_CAP_ELIGIBLE
            over_cap: STATED
            entitled: { when: { identities: [poor] }, clause: 十一 }
            rates:
              clause: 十一
              bands: [{ from: start, rate: 80% }]
        shared_caps:
          - layers: [ward, drug]
            cap: { amount: 400000, clause: 十二 }
        """;
}
