/** What a customer writes into the form; webhooks of the same size are compared with it. */
export const formBody = JSON.stringify({
  name: 'Trần Thị Bích Ngọc',
  email: 'ngoc@truong-le-loi.example',
  phone: '0912345678',
  subject: 'Phản ánh chất lượng đường truyền',
  message: 'Đường truyền của nhà trường chập chờn từ sáng nay, đề nghị cử cán bộ kỹ thuật kiểm tra trong ngày. '.repeat(
    5,
  ),
});
