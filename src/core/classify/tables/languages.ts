import type { Table } from "../rule.ts"

/**
 * Gateways and providers that answer in other languages than English. These scripts have no word boundaries
 * that {@link PhraseRow} could use, so each row's short phrase is searched and its pattern then decides.
 */
export const languages: Table = {
  family: "language",
  shared: [
    {
      source:
        "https://github.com/QuantumNous/new-api (i18n), docs of BigModel, DashScope, Volcengine, Baidu Qianfan",
      phrases: [
        {
          phrases: ["上下文", "token", "输入", "长度"],
          pattern:
            /压缩上下文|(?:上下文|输入|提示词|prompt|消息|token ?数?量?).{0,12}(?:过长|超长|超出|超过).{0,12}(?:限制|最大|长度|$)|(?:超出|超过).{0,10}(?:最大)?(?:上下文|输入|token).{0,6}(?:长度|限制|上限)/m,
          kind: "context_overflow",
        },
        {
          phrases: ["敏感", "违规", "审核", "不合规", "内容安全"],
          pattern:
            /(?:包含|涉及|存在|检测到|触发|含有|未通过).{0,16}(?:敏感|违规|不合规|不安全|审核)|内容.{0,6}(?:审核|安全)/,
          kind: "content_filter",
        },
        {
          phrases: ["余额", "欠费", "充值", "额度不足", "额度已", "账户额度", "令牌额度", "积分", "点数"],
          pattern:
            /(?:积分|点数|算力值)(?:不足|已?用[完尽]|耗尽)|余额(?:不足|不够|过低|已用完|耗尽)|欠费|请(?:及时|先|尽快)?充值|(?:用户|账户|令牌|剩余)额度.{0,6}(?:不足|用尽|耗尽)|额度不足/,
          kind: "billing",
        },
        {
          phrases: ["上限", "限额", "配额", "额度", "用量", "次数"],
          pattern:
            /(?:已?达到?|超[过出]|用[尽完]|耗尽|用光).{0,24}(?:上限|限额|配额|额度|次数)|(?:配额|限额|额度|用量|次数).{0,8}(?:已?(?:用[尽完]|耗尽|超限|不足|达到上限|用光)|超[过出])/,
          kind: "quota",
        },
        {
          phrases: ["频繁", "频率", "并发", "限流", "限速", "速率", "请求数", "qps", "rpm", "tpm"],
          pattern:
            /(?:请求|调用|访问|操作).{0,8}(?:过于|太|过)频繁|(?:频率|并发|速率|请求数|qps|rpm|tpm).{0,10}(?:过[高快]|超[限出过]|达到|上限|限制)|触发.{0,8}(?:限流|限速|频率|速率)|(?:超[过出]|达到).{0,16}(?:频率|并发|速率|请求数|qps|rpm|tpm|限流)/,
          kind: "rate_limit",
        },
        {
          phrases: ["过载", "繁忙", "拥挤", "负载", "访问量", "排队", "算力", "高峰"],
          pattern:
            /过载|繁忙|拥挤|负载(?:过高|已?饱和|较高|已满)|访问量(?:过大|较大)|排队(?:人数|已满|中)|算力(?:不足|紧张)|资源紧张/,
          kind: "overloaded",
        },
        {
          phrases: [
            "鉴权",
            "认证",
            "无效的",
            "密钥",
            "令牌",
            "未授权",
            "无权",
            "没有权限",
            "未登录",
            "封禁",
            "身份验证",
          ],
          pattern:
            /(?:鉴权|认证|身份验证|验证)(?:失败|错误|未通过)|(?:无效的?|错误的?|非法的?) ?(?:令牌|api ?密钥|密钥|api ?key|token|凭证)|(?:密钥|令牌|api ?key|token) ?(?:无效|已?过期|错误|不正确|已被?(?:禁用|删除)|不存在)|未授权|无权(?:限|访问)|没有权限|未登录|(?:账[号户]|用户).{0,6}封禁/,
          kind: "auth",
        },
        {
          phrases: ["模型"],
          pattern:
            /模型.{0,40}(?:不存在|未找到|已下线|未开通|不可用|已弃用|无可用渠道|未配置|不支持(?=$|[，。,. ]))|(?:不支持|未知|找不到|没有)(?:的|该|此)?模型|无权(?:访问|使用)(?:该|此)?模型/m,
          kind: "model_not_found",
        },
        {
          phrases: ["超时"],
          pattern: /(?:请求|响应|连接|上游|读取|推理|服务).{0,6}超时/,
          kind: "timeout",
        },
        {
          phrases: ["异常", "故障", "不可用", "内部错误", "维护", "上游", "无可用"],
          pattern:
            /(?:服务|系统|网关|上游|接口|渠道|后端).{0,8}(?:异常|故障|不可用|内部错误|维护|错误|失败)|内部错误|无可用(?:渠道|账[号户]|节点)/,
          kind: "unavailable",
        },
      ],
    },
    {
      source: "translations that providers and gateways show in Japanese and Korean",
      phrases: [
        {
          phrases: [
            "リクエスト",
            "レート",
            "制限",
            "上限",
            "残高",
            "混雑",
            "過負荷",
            "認証",
            "キー",
            "モデル",
            "タイムアウト",
          ],
          pattern: /リクエスト.{0,8}(?:多すぎ|過多)|レート(?:制限|リミット)/,
          kind: "rate_limit",
        },
        {
          phrases: ["上限", "利用制限"],
          pattern: /(?:利用|使用|月間|1日).{0,10}(?:上限|制限).{0,8}(?:達|超)/,
          kind: "quota",
        },
        {
          phrases: ["残高", "クレジット"],
          pattern: /(?:残高|クレジット).{0,10}(?:不足|足り|ありません)/,
          kind: "billing",
        },
        { phrases: ["混雑", "過負荷", "混み合"], kind: "overloaded" },
        {
          phrases: ["キー", "認証"],
          pattern: /(?:api ?キー|認証).{0,10}(?:無効|失敗|正しく|エラー)/,
          kind: "auth",
        },
        { phrases: ["タイムアウト"], kind: "timeout", pattern: /タイムアウト(?:しました|エラー|$)/m },
        { phrases: ["요청이 너무 많", "요청 한도", "속도 제한"], kind: "rate_limit" },
        { phrases: ["사용량 한도", "할당량", "사용 한도"], pattern: /초과|도달|소진/, kind: "quota" },
        { phrases: ["잔액이 부족", "크레딧이 부족"], kind: "billing" },
        { phrases: ["과부하"], kind: "overloaded" },
      ],
    },
  ],
}
